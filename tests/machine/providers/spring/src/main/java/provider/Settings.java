package provider;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the tests choose.
 *
 * @param audiences what access tokens are for, in addition to their client
 */
@ConfigurationProperties("provider")
public record Settings(
    String issuer,
    String clientId,
    String clientSecret,
    String machineId,
    String machineSecret,
    List<String> redirectUris,
    List<String> audiences,
    List<String> users,
    String password) {}
