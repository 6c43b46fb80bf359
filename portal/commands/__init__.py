"""The commands of `portal`, one module each: its `command` is found by the module's name."""
