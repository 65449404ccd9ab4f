import java.net.URI;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header WWW-Authenticate of a refusal. */
record Challenge(String header) {
  static Challenge of(ResponseInfo refusal) {
    return new Challenge(refusal.headers().firstValue("WWW-Authenticate").orElse(""));
  }

  boolean is(String error) {
    return parameter("error").filter(error::equals).isPresent();
  }

  URI resourceMetadata() {
    return URI.create(parameter("resource_metadata").orElseThrow());
  }

  Optional<String> scope() {
    return parameter("scope");
  }

  private Optional<String> parameter(String name) {
    Matcher found = Pattern.compile("[ ,]" + name + "=\"([^\"]*)\"").matcher(header);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }
}
