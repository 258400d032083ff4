import Testing

/// Tests that start the programs as a user would. One at a time: each wants the machine for itself.
@Suite(.serialized) struct ProgramTests {}
