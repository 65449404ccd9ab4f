import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.net.URI;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code Journey URL STEP...}: takes steps at a protected MCP server with the official Java SDK, whose tokens come from
 * Spring Security. A step is {@code list}, or {@code TOOL=ARGUMENTS}, the arguments as JSON. Each prints a line of JSON.
 * Logins open $BROWSER. What Spring Security keeps is in $HOME.
 */
public final class Journey {
  private static final JsonMapper JSON = JsonMapper.shared();

  public static void main(String[] args) throws Exception {
    URI url = URI.create(args[0]);
    Tokens tokens = new Tokens();
    HttpClientStreamableHttpTransport transport =
        HttpClientStreamableHttpTransport.builder(url.resolve("/").toString())
            .endpoint(url.getPath())
            .httpRequestCustomizer(
                (request, method, uri, body, context) ->
                    tokens.current().ifPresent(token -> request.header("Authorization", "Bearer " + token)))
            .authorizationErrorHandler(
                McpHttpClientTransportAuthorizationErrorHandler.fromSync(
                    (request, response, context) -> logIn(tokens, response)))
            .build();
    try (McpSyncClient client = McpClient.sync(transport).build()) {
      client.initialize();
      for (String step : List.of(args).subList(1, args.length)) {
        System.out.println(JSON.writeValueAsString(take(client, step)));
      }
      System.exit(0);
    } catch (Exception e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        System.err.println(cause);
      }
      System.exit(1);
    }
  }

  /** @return whether the request is worth another try. */
  private static boolean logIn(Tokens tokens, ResponseInfo refusal) {
    Challenge challenge = Challenge.of(refusal);
    boolean helps = refusal.statusCode() == 401 || challenge.is("insufficient_scope");
    if (helps) {
      tokens.keep(Login.run(challenge));
    }
    return helps;
  }

  private static Object take(McpSyncClient client, String step) {
    String[] parts = step.split("=", 2);
    return parts[0].equals("list")
        ? client.listTools()
        : client.callTool(
            CallToolRequest.builder().name(parts[0]).arguments(JSON.readValue(parts[1], Map.class)).build());
  }
}
