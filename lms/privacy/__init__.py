"""Privacy (个人信息保护): consent, the rights of the people whose data this is, retention."""
