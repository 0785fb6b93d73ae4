#include "node/record_table.h"

namespace jobwire::node {

void RecordTable::apply(const log::Record& record) {
  Kind& kind = kinds_[record.kind];
  std::int64_t& offset = kind.offsets[{record.owner, record.key}];
  if (const auto before = kind.by_offset.find(offset); before != kind.by_offset.end()) {
    expiries_.erase({before->second.expires_at, offset});
    kind.by_offset.erase(before);
  }
  offset = record.offset;
  if (record.bytes.empty()) {
    kind.offsets.erase({record.owner, record.key});
    return;
  }
  if (record.expires_at != 0) expiries_.emplace(std::pair(record.expires_at, record.offset), record.kind);
  kind.by_offset.emplace(record.offset, record);
}

const log::Record* RecordTable::find(std::string_view kind, std::string_view owner, std::string_view key) const {
  const auto of_kind = kinds_.find(kind);
  if (of_kind == kinds_.end()) return nullptr;
  const auto offset = of_kind->second.offsets.find(std::pair(owner, key));
  return offset == of_kind->second.offsets.end() ? nullptr : &of_kind->second.by_offset.at(offset->second);
}

bool RecordTable::expire(UnixMs now) {
  bool any = false;
  while (!expiries_.empty() && expiries_.begin()->first.first <= now) {
    const auto [due, name] = *expiries_.begin();
    expiries_.erase(expiries_.begin());
    Kind& kind = kinds_[name];
    const auto record = kind.by_offset.find(due.second);
    kind.offsets.erase({record->second.owner, record->second.key});
    kind.by_offset.erase(record);
    any = true;
  }
  return any;
}

std::size_t RecordTable::size() const {
  std::size_t size = 0;
  for (const auto& [name, kind] : kinds_) size += kind.by_offset.size();
  return size;
}

}  // namespace jobwire::node
