"""What people see: pages for citizens, the desk, managers and administrators, and the door in front of them."""
