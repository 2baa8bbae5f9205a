"""One module per topic. Each has HELP, add_options(parser) and play(stage, options, clock), which gives its tables."""
