package provider;

import com.nimbusds.jose.JOSEException;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What an administrator does. */
@RestController
class Control {
  private final Keys keys;
  private final InMemoryUserDetailsManager users;

  Control(Keys keys, InMemoryUserDetailsManager users) {
    this.keys = keys;
    this.users = users;
  }

  @PostMapping("/control/rotate")
  void rotate() throws JOSEException {
    keys.rotate();
  }

  @PostMapping("/control/disable")
  void disable(@RequestParam String user) {
    users.updateUser(User.withUserDetails(users.loadUserByUsername(user)).disabled(true).build());
  }

  @PostMapping("/control/enable")
  void enable(@RequestParam String user) {
    users.updateUser(User.withUserDetails(users.loadUserByUsername(user)).disabled(false).build());
  }
}
