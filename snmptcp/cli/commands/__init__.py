"""One module for each command, loaded when the command is used.

Each module has a frozen dataclass of what the command was asked, and three functions:

* ``add_arguments(parser)`` adds the command's arguments to its parser;
* ``read_arguments(arguments)`` returns the dataclass; a ConfigurationError is wrong usage (exit code 2);
* ``run(command)`` runs the command and returns the exit code.
"""
