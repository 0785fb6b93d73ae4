// The shapes of PROTOCOL.md as JSON Schema.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace jobwire::api {

// It would move every entry with each new one:
// clang-format off
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 35> kSchemas = {
    {
        {"Id",
         R"({"type":"string","minLength":1,"maxLength":128,"description":"1 to 128 bytes of UTF-8, no control characters, not . or .."})"},
        {"Time", R"({"type":"integer","description":"milliseconds since the Unix epoch, UTC"})"},
        {"Problem",
         R"({"type":"object","description":"RFC 9457","required":["type","title","status","detail","code","message"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string","enum":["bad_json","bad_request","unauthenticated","forbidden","not_found","method_not_allowed","conflict","gone","too_large","unsupported_media","event_id_reused","rate_limited","internal","unavailable"]},"message":{"type":"string"},"field":{"type":"string"},"retryAfter":{"type":"integer"},"jobId":{"$ref":"#/components/schemas/Id"},"cancelRequested":{"type":"boolean"}}})"},
        {"NewJob",
         R"({"type":"object","required":["type"],"properties":{"id":{"$ref":"#/components/schemas/Id"},"type":{"$ref":"#/components/schemas/Id"},"queue":{"$ref":"#/components/schemas/Id"},"priority":{"type":"integer","minimum":-1000,"maximum":1000},"userId":{"$ref":"#/components/schemas/Id"},"ref":{"$ref":"#/components/schemas/Id"},"payload":{},"metadata":{"type":"object"},"parentId":{"$ref":"#/components/schemas/Id"}}})"},
        {"Event",
         R"({"type":"object","required":["type"],"properties":{"type":{"type":"string","enum":["queued","started","progress","log","updated","completed","failed","cancel-requested","cancelled","retried","stalled","resumed","removed"]},"jobId":{"$ref":"#/components/schemas/Id"},"progress":{"type":"number","minimum":0,"maximum":100},"stage":{"type":"string"},"message":{"type":"string"},"metadata":{"type":"object"},"job":{"type":"object"},"eventId":{"$ref":"#/components/schemas/Id"},"attempt":{"type":"integer","minimum":1},"reportedAt":{"$ref":"#/components/schemas/Time"},"priority":{"type":"integer"},"payload":{},"workerId":{"$ref":"#/components/schemas/Id"},"status":{"type":"string"},"result":{},"error":{"oneOf":[{"type":"string"},{"type":"object","required":["message"],"properties":{"message":{"type":"string"},"code":{"type":"string"}}}]},"reason":{"type":"string"}}})"},
        {"Events", R"({"type":"array","maxItems":1000,"items":{"$ref":"#/components/schemas/Event"}})"},
        {"Verdict",
         R"({"type":"object","required":["status","cancelRequested"],"properties":{"jobId":{"$ref":"#/components/schemas/Id"},"status":{"type":"string","enum":["appended","repeated","unchanged","rejected"]},"version":{"type":"integer"},"seq":{"type":"integer"},"cancelRequested":{"type":"boolean"},"error":{"type":"object"}}})"},
        {"Verdicts",
         R"({"type":"object","required":["verdicts"],"properties":{"verdicts":{"type":"array","items":{"$ref":"#/components/schemas/Verdict"}}}})"},
        {"Job",
         R"({"type":"object","required":["id","status","progress","attempt","createdAt","updatedAt","version","seq"],"properties":{"id":{"$ref":"#/components/schemas/Id"},"type":{"type":"string"},"queue":{"type":"string"},"userId":{"type":"string"},"ref":{"type":"string"},"parentId":{"type":"string"},"status":{"type":"string","enum":["queued","active","completed","failed","cancelled"]},"statusText":{"type":"string"},"progress":{"type":"number","minimum":0,"maximum":100},"stage":{"type":"string"},"message":{"type":"string"},"stages":{"type":"array","items":{"type":"object"}},"attempt":{"type":"integer"},"priority":{"type":"integer"},"result":{},"error":{"type":"object"},"cancelRequestedAt":{"$ref":"#/components/schemas/Time"},"cancelReason":{"type":"string"},"stalled":{"type":"boolean"},"metadata":{"type":"object"},"workerId":{"type":"string"},"createdAt":{"$ref":"#/components/schemas/Time"},"startedAt":{"$ref":"#/components/schemas/Time"},"finishedAt":{"$ref":"#/components/schemas/Time"},"lastReportAt":{"$ref":"#/components/schemas/Time"},"updatedAt":{"$ref":"#/components/schemas/Time"},"version":{"type":"integer"},"seq":{"type":"integer"}}})"},
        {"JobList",
         R"({"type":"object","required":["jobs"],"properties":{"jobs":{"type":"array","items":{"$ref":"#/components/schemas/Job"}},"next":{"type":"integer"}}})"},
        {"History",
         R"({"type":"object","required":["events"],"properties":{"events":{"type":"array","items":{"$ref":"#/components/schemas/Event"}}}})"},
        {"Reason", R"({"type":"object","properties":{"reason":{"type":"string"}}})"},
        {"ChangesRequest",
         R"({"type":"object","properties":{"cursor":{"type":"string"},"channels":{"type":"array","items":{"type":"string"}},"join":{"type":"array","items":{"type":"string"}},"wait":{"type":"integer","minimum":0,"maximum":60000},"session":{"type":"string"},"reducer":{"type":"integer"}}})"},
        {"Changes",
         R"({"type":"object","required":["cursor"],"properties":{"cursor":{"type":"string"},"reset":{"type":"boolean"},"synced":{"type":"boolean"},"events":{"type":"array","items":{"$ref":"#/components/schemas/Event"}},"jobs":{"type":"array","items":{"$ref":"#/components/schemas/Job"}},"removed":{"type":"array","items":{"type":"object"}},"followed":{"type":"array","items":{"type":"string"}},"truncated":{"type":"array","items":{"type":"string"}},"estimates":{"type":"array","items":{"type":"object"}},"queues":{"type":"array","items":{"type":"object"}},"user":{"type":"string"},"role":{"type":"string"},"notifications":{"type":"array","items":{"$ref":"#/components/schemas/Notification"}},"unread":{"type":"integer"},"messages":{"type":"array","items":{"type":"object"}}}})"},
        {"EventStream",
         R"({"type":"string","description":"server-sent events; each data is a message {event, data}"})"},
        {"QueueStatus",
         R"({"type":"object","required":["queues"],"properties":{"queues":{"type":"array","items":{"type":"object","required":["queue","waiting","active"],"properties":{"queue":{"type":"string"},"waiting":{"type":"integer"},"active":{"type":"integer"},"averageWait":{"type":"integer"}}}}}})"},
        {"Stats",
         R"({"type":"object","properties":{"connections":{"type":"integer"},"sessions":{"type":"integer"},"polls":{"type":"integer"},"lagging":{"type":"integer"},"messagesOut":{"type":"integer"},"messagesIn":{"type":"integer"},"framesBuilt":{"type":"integer"},"draining":{"type":"boolean"}}})"},
        {"SystemMetrics",
         R"({"type":"object","properties":{"jobs":{"type":"integer"},"tombstones":{"type":"integer"},"logHead":{"type":"integer"},"memoryBytes":{"type":"integer"},"cpuMs":{"type":"integer"},"startedAt":{"$ref":"#/components/schemas/Time"},"uptime":{"type":"integer"},"degraded":{"type":"string"}}})"},
        {"Notification",
         R"({"type":"object","required":["id","type","title","read","createdAt","offset","version"],"properties":{"id":{"type":"string"},"type":{"type":"string","enum":["success","error","alert","info"]},"title":{"type":"string"},"message":{"type":"string"},"jobId":{"$ref":"#/components/schemas/Id"},"action":{"type":"object","required":["label","url"],"properties":{"label":{"type":"string"},"url":{"type":"string"}}},"data":{},"read":{"type":"boolean"},"createdAt":{"$ref":"#/components/schemas/Time"},"readAt":{"$ref":"#/components/schemas/Time"},"clearedAt":{"$ref":"#/components/schemas/Time"},"offset":{"type":"integer"},"version":{"type":"integer"}}})"},
        {"Notifications",
         R"({"type":"object","required":["notifications","unread"],"properties":{"notifications":{"type":"array","items":{"$ref":"#/components/schemas/Notification"}},"next":{"type":"integer"},"unread":{"type":"integer"}}})"},
        {"NewNotification",
         R"({"type":"object","required":["title"],"properties":{"id":{"$ref":"#/components/schemas/Id"},"type":{"type":"string","enum":["success","error","alert","info"]},"title":{"type":"string","maxLength":256},"message":{"type":"string"},"jobId":{"$ref":"#/components/schemas/Id"},"action":{"type":"object","required":["label","url"],"properties":{"label":{"type":"string","maxLength":128},"url":{"type":"string","maxLength":2048}}},"data":{}}})"},
        {"NotificationMade",
         R"({"type":"object","required":["id","offset"],"properties":{"id":{"type":"string"},"offset":{"type":"integer"}}})"},
        {"UnreadCount",
         R"({"type":"object","required":["count"],"properties":{"count":{"type":"integer"}}})"},
        {"NotificationsRead",
         R"({"type":"object","required":["read","count"],"properties":{"read":{"type":"integer"},"count":{"type":"integer"}}})"},
        {"NewMessage",
         R"({"type":"object","required":["name"],"properties":{"name":{"$ref":"#/components/schemas/Id"},"data":{},"id":{"$ref":"#/components/schemas/Id"}}})"},
        {"MessageAccepted",
         R"({"type":"object","required":["accepted","offset"],"properties":{"accepted":{"type":"boolean"},"offset":{"type":"integer"}}})"},
        {"Health",
         R"({"type":"object","required":["status"],"properties":{"status":{"type":"string","enum":["ok","degraded","draining"]},"degraded":{"type":"string"}}})"},
        {"AnalyzeJob",
         R"({"type":"object","description":"what queue-update says, and beside it id, status and times","required":["id","status","createdAt","eventType","jobId","progress","stage","timestamp"],"properties":{"id":{"$ref":"#/components/schemas/Id"},"status":{"type":"string","enum":["queued","active","completed","failed","cancelled"]},"createdAt":{"type":"string","format":"date-time"},"startedAt":{"type":"string","format":"date-time"},"completedAt":{"type":"string","format":"date-time"},"cancelRequested":{"type":"boolean"},"eventType":{"type":"string","enum":["job-queued","job-started","job-progress","job-completed","job-failed","job-cancelled"]},"jobId":{"$ref":"#/components/schemas/Id"},"jobType":{"type":"string"},"userId":{"type":"string"},"progress":{"type":"number","minimum":0,"maximum":100},"stage":{"type":"string"},"queuePosition":{"type":"integer"},"estimatedWaitTime":{"type":"integer","description":"seconds"},"result":{},"error":{"type":"string"},"errorCode":{"type":"string"},"reason":{"type":"string"},"timestamp":{"type":"string","format":"date-time"}}})"},
        {"AnalyzeJobs", R"({"type":"array","items":{"$ref":"#/components/schemas/AnalyzeJob"}})"},
        {"AnalyzeCancel",
         R"({"type":"object","required":["success","message","jobId","cancelRequested"],"properties":{"success":{"type":"boolean"},"message":{"type":"string"},"jobId":{"$ref":"#/components/schemas/Id"},"cancelRequested":{"type":"boolean"}}})"},
        {"WebSocketStats",
         R"({"type":"object","required":["success","data"],"properties":{"success":{"type":"boolean"},"data":{"type":"object","required":["connected","timestamp"],"properties":{"connected":{"type":"integer"},"timestamp":{"type":"string","format":"date-time"}}}}})"},
        {"Text", R"({"type":"string"})"},
        {"DevTokenRequest",
         R"({"type":"object","properties":{"user":{"$ref":"#/components/schemas/Id"},"role":{"type":"string","enum":["user","admin","service"]}}})"},
        {"DevToken", R"({"type":"object","required":["token"],"properties":{"token":{"type":"string"}}})"},
        {"Document", R"({"type":"object","description":"OpenAPI 3.1"})"},
    }};
// clang-format on

}  // namespace jobwire::api
