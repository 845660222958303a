#!/bin/sh
# Exit 1, "interesting", for programs that are valid and have a retention.
seq-opt "$1" 2>/dev/null | grep -q 'seq\.retention' && exit 1
exit 0
