"""Where what we install comes from: hashes, licences, known advisories. `make audit`."""
