import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;

/**
 * The tokens and the registration of the person who runs this, in a file. Spring Security refreshes them, and removes
 * those that it finds to be useless.
 */
final class Tokens implements OAuth2AuthorizedClientService {
  private static final Path FILE = Path.of(System.getenv("HOME"), "authorized-client");
  private static final Authentication PERSON = new TestingAuthenticationToken("someone", null);

  private final AuthorizedClientServiceOAuth2AuthorizedClientManager manager =
      new AuthorizedClientServiceOAuth2AuthorizedClientManager(id -> null, this);

  Tokens() {
    manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder().refreshToken().build());
  }

  /** @return nothing where a login is needed. */
  synchronized Optional<String> current() {
    return Optional.ofNullable(loadAuthorizedClient(null, null))
        .map(
            kept ->
                manager.authorize(OAuth2AuthorizeRequest.withAuthorizedClient(kept).principal(PERSON).build()))
        .map(client -> client.getAccessToken().getTokenValue());
  }

  void keep(OAuth2AuthorizedClient client) {
    saveAuthorizedClient(client, PERSON);
  }

  @Override
  public OAuth2AuthorizedClient loadAuthorizedClient(String registrationId, String principalName) {
    if (!Files.exists(FILE)) {
      return null;
    }
    try (ObjectInputStream stream = new ObjectInputStream(Files.newInputStream(FILE))) {
      return (OAuth2AuthorizedClient) stream.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void saveAuthorizedClient(OAuth2AuthorizedClient client, Authentication principal) {
    try (ObjectOutputStream stream = new ObjectOutputStream(Files.newOutputStream(FILE))) {
      stream.writeObject(client);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void removeAuthorizedClient(String registrationId, String principalName) {
    try {
      Files.deleteIfExists(FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
