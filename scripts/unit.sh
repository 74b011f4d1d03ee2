#!/bin/bash
# The tests in Swift, built before. First those that live by sockets and clocks, by themselves: beside hours of simulated
# network, which take every core there is, their deadlines would say something of the machine and not of the program.
set -eu
cd "$(dirname "$0")/.."
# What runs hooks ends what they leave behind among all children of its process, and so has one to itself.
live='^Earshot(Control|Discovery|Network|Node|Terminal|Web)Tests\.'
hooks='^EarshotHooksTests\.'
"${SWIFT:-swift}" test --skip-build --filter "$live"
"${SWIFT:-swift}" test --skip-build --filter "$hooks"
"${SWIFT:-swift}" test --skip-build --skip "$live" --skip "$hooks"
