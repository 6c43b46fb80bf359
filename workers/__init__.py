"""Background work: papers, notices, deadlines."""
