"""The version of this program, as reports and states note it."""

VERSION = "0.2.0"
