// The file's sections [notify.TYPE]: which events of a job type tell its owner, and how.
#pragma once

#include <string>
#include <vector>

#include "config.h"

namespace jobwire {

// One key of a section; `type` "default" is every other job type. Answers what is wrong, or nothing.
//   preset = "analysis"                                 Analysis Started, Analysis Complete! with View Results, ...
//   started | completed | failed | cancelled = "off"    or the title: "Report {ref} is there"
//   completed-type = "success"                          success, error, alert or info
//   completed-action = "View results -> /jobs/{jobId}"  a label and where it leads; "off": no button
std::string read_notification_key(NotificationConfig& config, const std::string& type, const std::string& key,
                                  const std::string& value);

}  // namespace jobwire
