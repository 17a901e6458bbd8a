"""What is installed: the lock of the runtime's packages, the bill of materials and NOTICE. No part of the product."""
