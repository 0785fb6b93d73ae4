// malloc(), free() and strlen() for the core. Blocks of powers of two, those that were freed kept by size. What a
// page's jobs need comes and goes in like sizes, so that nothing is ever joined or split; a general allocator is six
// times the code.
#include <bit>
#include <cstddef>
#include <cstdint>

extern "C" unsigned char __heap_base;  // of the linker

namespace {

constexpr std::size_t kHeader = 8;  // the block's class; keeps what follows aligned
constexpr std::size_t kPageBits = 16;

struct Block {
  std::size_t bits;  // its size is 1 << bits
  Block* next;       // while free
};

// The one place for state that is nobody's: memory is the process's.
Block* free_blocks[32];
// From here to the end of memory nothing was handed out. The linker aligns it to 16 bytes.
unsigned char* fresh = &__heap_base;

Block* take_fresh(std::size_t bits) {
  const auto at = reinterpret_cast<std::uintptr_t>(fresh);
  const std::uintptr_t end = at + (std::uintptr_t{1} << bits);
  const std::size_t pages = __builtin_wasm_memory_size(0);
  const std::size_t needed = (end >> kPageBits) + 1;
  if (end < at || (needed > pages && __builtin_wasm_memory_grow(0, needed - pages) == SIZE_MAX)) __builtin_trap();
  fresh = reinterpret_cast<unsigned char*>(end);
  return reinterpret_cast<Block*>(at);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  if (size >= std::size_t{1} << 31) __builtin_trap();
  const auto bits = static_cast<std::size_t>(std::bit_width(size + kHeader - 1));
  Block* block = free_blocks[bits];
  if (block != nullptr) {
    free_blocks[bits] = block->next;
  } else {
    block = take_fresh(bits);
  }
  block->bits = bits;
  return reinterpret_cast<char*>(block) + kHeader;
}

// What abort() comes to: there is no process to end.
[[noreturn]] void __wasi_proc_exit(unsigned) { __builtin_trap(); }

void free(void* memory) {
  if (memory == nullptr) return;
  Block* const block = reinterpret_cast<Block*>(static_cast<char*>(memory) - kHeader);
  block->next = free_blocks[block->bits];
  free_blocks[block->bits] = block;
}

// Of short words only; the library's, which goes by fours, is four times the code.
std::size_t strlen(const char* text) {
  const char* at = text;
  while (*at != '\0') ++at;
  return static_cast<std::size_t>(at - text);
}
}
