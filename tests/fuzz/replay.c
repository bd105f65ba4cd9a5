/* Plays inputs from files to a harness, without libFuzzer: replay FILE|FOLDER... */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)
#define PATH_SIZE 4096

static size_t played;

static void play_file(const char *path)
{
    static char bytes[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    /* Copies the input to a block of exactly its size, so that a sanitizer sees a read beyond it. */
    uint8_t *exact = malloc(length ? length : 1);
    must(exact, "there is memory");
    memcpy(exact, bytes, length);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    played++;
}

static void play(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        play_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char inner[PATH_SIZE];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            play(inner);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        play(argv[i]);
    printf("%zu inputs\n", played);
    return played ? EXIT_SUCCESS : EXIT_FAILURE;
}
