/* Written by scripts/page.py: what the folder Page holds. */
#include "EarshotPage.h"

/* index.html */
static const unsigned char file_0[] = {
#embed "Page/index.html" suffix(,)
0};

static const struct page_file files[] = {
    {"index.html", file_0, sizeof file_0 - 1},
};

size_t page_file_count(void) { return sizeof files / sizeof files[0]; }
struct page_file page_file_at(size_t index) { return files[index]; }
