#!/bin/sh
# Says what was said to it. As a hook (docs/Hooks.md), or:
#   earshot on message --prefix '!echo ' -- examples/echo.sh
read -r event
# What others write is never put where a shell would read it as a command: printf, with the text as a word of its own.
printf '%s' "${EARSHOT_TEXT#!echo }" | head -n 1 | sed 's/^/reply: /'
