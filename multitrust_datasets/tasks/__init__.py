"""The 32 tasks, one module a stem."""
