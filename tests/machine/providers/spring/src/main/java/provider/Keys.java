package provider;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.stereotype.Component;

/** All keys that were ever used; the first one signs. */
@Component
class Keys implements JWKSource<SecurityContext> {
  private final List<JWK> keys = new CopyOnWriteArrayList<>();

  Keys() throws JOSEException {
    rotate();
  }

  void rotate() throws JOSEException {
    String id = "key-" + (keys.size() + 1);
    keys.add(0, new RSAKeyGenerator(2048).keyID(id).keyUse(KeyUse.SIGNATURE).generate());
  }

  @Override
  public List<JWK> get(JWKSelector selector, SecurityContext context) {
    return selector.select(new JWKSet(keys));
  }

  @Bean
  static JwtEncoder jwtEncoder(JWKSource<SecurityContext> keys) {
    var encoder = new NimbusJwtEncoder(keys);
    encoder.setJwkSelector(matching -> matching.get(0));
    return encoder;
  }
}
