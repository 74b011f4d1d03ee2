#!/bin/sh
# The version of both programs, from the one place where it stands.
set -eu
cd "$(dirname "$0")/.."
sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/EarshotControl/Line/ControlLine.swift
