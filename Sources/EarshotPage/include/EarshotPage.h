/* The files of the page, as they lie in the folder Page. */
#pragma once
#include <stddef.h>

struct page_file {
    /* Relative to Page, as index.html. */
    const char *path;
    const unsigned char *bytes;
    size_t count;
};

size_t page_file_count(void);
/* An index below the count. */
struct page_file page_file_at(size_t index);
