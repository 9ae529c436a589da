"""Rights: a tree of modules, functions and operations; only operations are granted."""
