import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * {@code Journey URL STEP...}: takes steps at a protected MCP server with Spring Security's OAuth client, which finds
 * the authorization server by {@code ClientRegistrations.fromIssuerLocation}. A step is {@code list},
 * {@code refresh}, or {@code TOOL=ARGUMENTS}, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER.
 */
public final class Journey {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern METADATA = Pattern.compile("resource_metadata=\"([^\"]+)\"");

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI url;
  private final ClientRegistration registration;
  private OAuth2AccessTokenResponse tokens;

  public static void main(String[] args) throws Exception {
    Journey journey = new Journey(URI.create(args[0]));
    for (String step : List.of(args).subList(1, args.length)) {
      System.out.println(JSON.writeValueAsString(journey.take(step)));
    }
    System.exit(0);
  }

  private Journey(URI url) throws Exception {
    this.url = url;
    Matcher challenge = METADATA.matcher(post(url, "{}", null).headers().firstValue("WWW-Authenticate").orElseThrow());
    if (!challenge.find()) {
      throw new IllegalStateException("The challenge names no metadata.");
    }
    JsonNode resource = get(URI.create(challenge.group(1)));
    CompletableFuture<URI> redirected = new CompletableFuture<>();
    String redirectUri = listen(redirected);
    ClientRegistration.Builder issuer =
        ClientRegistrations.fromIssuerLocation(resource.get("authorization_servers").get(0).asText());
    ClientRegistration found = issuer.clientId("to be registered").build();
    URI registrationEndpoint =
        URI.create(found.getProviderDetails().getConfigurationMetadata().get("registration_endpoint").toString());
    JsonNode client =
        JSON.readTree(
            post(
                    registrationEndpoint,
                    JSON.writeValueAsString(Map.of("redirect_uris", List.of(redirectUri), "client_name", "Spring")),
                    null)
                .body());
    String[] scopes = JSON.convertValue(resource.get("scopes_supported"), String[].class);
    registration =
        issuer
            .clientId(client.get("client_id").asText())
            .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
            .redirectUri(redirectUri)
            .scope(scopes)
            .build();
    logIn(redirected);
  }

  private void logIn(CompletableFuture<URI> redirected) throws Exception {
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
    tokens =
        new RestClientAuthorizationCodeTokenResponseClient()
            .getTokenResponse(
                new OAuth2AuthorizationCodeGrantRequest(
                    registration, new OAuth2AuthorizationExchange(request, response)));
  }

  private Object take(String step) throws Exception {
    String[] parts = step.split("=", 2);
    if (parts[0].equals("list")) {
      return request("tools/list", Map.of());
    }
    if (parts[0].equals("refresh")) {
      tokens =
          new RestClientRefreshTokenTokenResponseClient()
              .getTokenResponse(
                  new OAuth2RefreshTokenGrantRequest(
                      registration, tokens.getAccessToken(), tokens.getRefreshToken()));
      return Map.of("refreshed", true);
    }
    return request("tools/call", Map.of("name", parts[0], "arguments", JSON.readTree(parts[1])));
  }

  private JsonNode request(String method, Map<String, ?> params) throws Exception {
    String body = JSON.writeValueAsString(Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", params));
    HttpResponse<String> response = post(url, body, tokens.getAccessToken().getTokenValue());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.statusCode() + " " + response.body());
    }
    return JSON.readTree(response.body()).get("result");
  }

  private HttpResponse<String> post(URI uri, String body, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode get(URI uri) throws Exception {
    return JSON.readTree(http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
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
