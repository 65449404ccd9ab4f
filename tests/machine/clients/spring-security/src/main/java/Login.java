import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A login at the authorization server that Spring Security finds by {@code ClientRegistrations.fromIssuerLocation}. The
 * rest is up to the application: Spring Security 7 reads no challenge and has no client registration.
 */
final class Login {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static OAuth2AuthorizedClient run(Challenge challenge) {
    try {
      JsonNode resource = JSON.readTree(send(HttpRequest.newBuilder(challenge.resourceMetadata())));
      CompletableFuture<URI> redirected = new CompletableFuture<>();
      ClientRegistration registration = register(challenge, resource, listen(redirected));
      OAuth2AccessTokenResponse tokens = logIn(registration, redirected);
      return new OAuth2AuthorizedClient(registration, "someone", tokens.getAccessToken(), tokens.getRefreshToken());
    } catch (Exception e) {
      throw new IllegalStateException("The login failed: " + e.getMessage(), e);
    }
  }

  private static ClientRegistration register(Challenge challenge, JsonNode resource, String redirectUri)
      throws Exception {
    ClientRegistration.Builder issuer =
        ClientRegistrations.fromIssuerLocation(resource.get("authorization_servers").get(0).asString());
    ClientRegistration found = issuer.clientId("to be registered").build();
    Map<String, Object> metadata = found.getProviderDetails().getConfigurationMetadata();
    String wanted = JSON.writeValueAsString(Map.of("redirect_uris", List.of(redirectUri), "client_name", "Spring"));
    String registered =
        send(
            HttpRequest.newBuilder(URI.create(metadata.get("registration_endpoint").toString()))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(wanted)));
    String[] scopes =
        challenge
            .scope()
            .map(scope -> scope.split(" "))
            .orElseGet(() -> JSON.convertValue(resource.get("scopes_supported"), String[].class));
    return issuer
        .clientId(JSON.readTree(registered).get("client_id").asString())
        .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
        .redirectUri(redirectUri)
        .scope(scopes)
        .build();
  }

  private static OAuth2AccessTokenResponse logIn(ClientRegistration registration, CompletableFuture<URI> redirected)
      throws Exception {
    OAuth2AuthorizationRequest.Builder builder =
        OAuth2AuthorizationRequest.authorizationCode()
            .authorizationUri(registration.getProviderDetails().getAuthorizationUri())
            .clientId(registration.getClientId())
            .redirectUri(registration.getRedirectUri())
            .scopes(registration.getScopes())
            .state(UUID.randomUUID().toString());
    OAuth2AuthorizationRequestCustomizers.withPkce().accept(builder);
    OAuth2AuthorizationRequest request = builder.build();
    new ProcessBuilder(System.getenv("BROWSER"), request.getAuthorizationRequestUri()).start();
    Map<String, String> answer =
        UriComponentsBuilder.fromUri(redirected.get(30, TimeUnit.SECONDS)).build().getQueryParams().toSingleValueMap();
    OAuth2AuthorizationResponse response =
        OAuth2AuthorizationResponse.success(answer.get("code"))
            .state(answer.get("state"))
            .redirectUri(registration.getRedirectUri())
            .build();
    return new RestClientAuthorizationCodeTokenResponseClient()
        .getTokenResponse(
            new OAuth2AuthorizationCodeGrantRequest(registration, new OAuth2AuthorizationExchange(request, response)));
  }

  private static String send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString()).body();
  }

  /** Serves the redirect of a login. */
  private static String listen(CompletableFuture<URI> redirected) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/callback",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
          redirected.complete(exchange.getRequestURI());
        });
    server.start();
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/callback";
  }
}
