"""What `bioner doctor` looks at: this machine, this project, and the servers that it uses."""
