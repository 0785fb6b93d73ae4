#include "jobwire/notification.h"

#include <catch2/catch.hpp>

using namespace jobwire;

TEST_CASE("an action leads to http, https or a path of the page's own site, and nowhere else") {
  for (const char* url : {"/", "/jobs/1", "/jobs/1?x=//y", "http://h", "https://host.example/a b"}) {
    if (std::string_view(url).find(' ') != std::string_view::npos) continue;
    INFO(url);
    CHECK(check_action_url(url, "url"));
  }
  CHECK(check_action_url("HTTPS://Host/", "url"));
  for (const char* url : {"",
                          "jobs/1",
                          "//evil.example",
                          "/\\evil.example",
                          "\\\\evil.example",
                          "javascript:alert(1)",
                          "JavaScript:x",
                          "data:text/html,x",
                          "https:evil",
                          "https:/evil",
                          "https://",
                          "https:///evil",
                          "http://@evil",
                          " /x",
                          "/a b",
                          "/\t/evil.example",
                          "\n//evil",
                          "https://h\r\n",
                          "ftp://h",
                          "./x",
                          "?x",
                          "#x",
                          "mailto:a@b"}) {
    INFO(url);
    const Status refused = check_action_url(url, "action.url");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().field == "action.url");
  }
  CHECK_FALSE(check_action_url("/" + std::string(kMaxUrlBytes, 'x'), "url"));
}

TEST_CASE("a notification reads as it was written, its data byte for byte") {
  Notification notification;
  notification.id = "j:1";
  notification.type = NotificationType::alert;
  notification.title = "Title";
  notification.message = "say \"hi\"";
  notification.job_id.value = "j";
  notification.action = NotificationAction{"View", "/jobs/j"};
  notification.data.text = R"({"x": 0.30000000000000004, "s": "\ud800"})";
  notification.created_at = 5;
  notification.read_at = 6;
  notification.cleared_at = 7;
  notification.offset = 8;
  notification.version = 9;
  const auto read = decode_notification(encode_notification(notification));
  REQUIRE(read);
  CHECK(*read == notification);
}

TEST_CASE("what an application may not say is told by field") {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({})", "title"},
      {R"({"title":""})", "title"},
      {R"({"title":5})", "title"},
      {R"({"title":"t","type":"warning"})", "type"},
      {R"({"title":"t","jobId":".."})", "jobId"},
      {R"({"title":"t","action":"x"})", "action"},
      {R"({"title":"t","action":{"url":"/x"}})", "action.label"},
      {R"({"title":"t","action":{"label":"x"}})", "action.url"},
      {R"({"title":"t","action":{"label":"x","url":"javascript:x"}})", "action.url"},
      {R"([])", "body"},
  };
  for (const auto& [body, field] : cases) {
    INFO(body);
    const auto refused = decode_new_notification(body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().field == field);
  }
  const std::string long_title = R"({"title":")" + std::string(300, 'x') + "\"}";
  CHECK(decode_new_notification(long_title).error().code == ErrorCode::too_large);
  const std::string long_data = R"({"title":"t","data":")" + std::string(5000, 'x') + "\"}";
  CHECK(decode_new_notification(long_data).error().field == "data");
}

TEST_CASE("an application message has a name of its own and any JSON") {
  const auto message = decode_new_message(R"({"name":"billing:due","data":[1,{"a":null}],"id":"m1"})");
  REQUIRE(message);
  CHECK(message->id == "m1");
  CHECK(message->message.data.text == R"([1,{"a":null}])");
  CHECK(*decode_app_message(encode_app_message(message->message)) == message->message);
  CHECK(encode_app_message({"x", {}}) == R"({"name":"x","data":null})");
  for (const char* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
                           "changes", "welcome", "message", "reply"}) {
    INFO(name);
    const auto refused = decode_new_message(R"({"name":")" + std::string(name) + "\"}");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().field == "name");
  }
  CHECK(decode_new_message(R"({"data":1})").error().field == "name");
  CHECK(decode_new_message(R"({"name":")" + std::string(129, 'x') + "\"}").error().field == "name");
}

TEST_CASE("read names notifications, or all of them") {
  const auto some = decode_command(R"({"event":"read","data":{"notificationIds":["a:1","b:2"]}})");
  REQUIRE(some);
  CHECK(std::get<command::Read>(some->body) == command::Read{{"a:1", "b:2"}, false});
  CHECK(std::get<command::Read>(decode_command(R"({"event":"read","data":{"all":true}})")->body).all);
  for (const char* data : {R"({})", R"({"all":false})", R"({"all":true,"notificationIds":["a"]})",
                           R"({"notificationIds":"a"})", R"({"notificationIds":[1]})"}) {
    INFO(data);
    CHECK_FALSE(decode_command(R"({"event":"read","data":)" + std::string(data) + "}"));
  }
  const ClientCommand command{command::Read{{"x"}, false}, 7};
  CHECK(*decode_command(encode_command(command)) == command);
}
