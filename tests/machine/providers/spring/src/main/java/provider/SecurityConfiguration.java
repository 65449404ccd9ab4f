package provider;

import static org.springframework.security.config.Customizer.withDefaults;

import java.util.ArrayList;
import java.util.UUID;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2TokenExchangeAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.util.matcher.MediaTypeRequestMatcher;

@Configuration
class SecurityConfiguration {
  @Bean
  @Order(1)
  SecurityFilterChain authorizationServer(HttpSecurity http) throws Exception {
    return http.oauth2AuthorizationServer(server -> {
          http.securityMatcher(server.getEndpointsMatcher());
          server.oidc(withDefaults());
          server.clientRegistrationEndpoint(registration -> registration.openRegistrationAllowed(true));
        })
        .authorizeHttpRequests(requests -> requests
            .requestMatchers("/oauth2/register").permitAll()
            .anyRequest().authenticated())
        .exceptionHandling(exceptions -> exceptions.defaultAuthenticationEntryPointFor(
            new LoginUrlAuthenticationEntryPoint("/login"), new MediaTypeRequestMatcher(MediaType.TEXT_HTML)))
        .build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain pages(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(requests -> requests
            .requestMatchers("/control/**").permitAll()
            .anyRequest().authenticated())
        .csrf(csrf -> csrf.ignoringRequestMatchers("/control/**"))
        .formLogin(withDefaults())
        .build();
  }

  @Bean
  AuthorizationServerSettings authorizationServerSettings(Settings settings) {
    return AuthorizationServerSettings.builder().issuer(settings.issuer()).build();
  }

  @Bean
  InMemoryUserDetailsManager users(Settings settings) {
    return new InMemoryUserDetailsManager(settings.users().stream()
        .map(name -> User.withUsername(name).password("{noop}" + settings.password()).roles("USER").build())
        .toList());
  }

  @Bean
  RegisteredClientRepository clients(Settings settings) {
    RegisteredClient application = RegisteredClient.withId(UUID.randomUUID().toString())
        .clientId(settings.clientId())
        .clientSecret("{noop}" + settings.clientSecret())
        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
        .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
        .authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
        .authorizationGrantType(AuthorizationGrantType.TOKEN_EXCHANGE)
        .redirectUris(uris -> uris.addAll(settings.redirectUris()))
        .scope("openid")
        .scope("tools:use")
        .build();
    RegisteredClient machine = RegisteredClient.withId(UUID.randomUUID().toString())
        .clientId(settings.machineId())
        .clientSecret("{noop}" + settings.machineSecret())
        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
        .scope("tools:use")
        .build();
    return new InMemoryRegisteredClientRepository(application, machine);
  }

  /** The audiences of access tokens: by itself, the server puts nothing but the client there. */
  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> audiences(Settings settings) {
    return context -> {
      if (!OAuth2TokenType.ACCESS_TOKEN.equals(context.getTokenType())) return;
      if (context.getAuthorizationGrant() instanceof OAuth2TokenExchangeAuthenticationToken exchange) {
        context.getClaims().audience(new ArrayList<>(exchange.getAudiences()));
        return;
      }
      var audiences = new ArrayList<>(settings.audiences());
      audiences.add(context.getRegisteredClient().getClientId());
      context.getClaims().audience(audiences);
    };
  }
}
