using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using ServerlessImages.Operators;

namespace ServerlessImages.Api.Operators;

/// <summary>Finds out which operator calls from a Microsoft Entra access token: its signature, issuer, tenant, audience, time and roles.</summary>
internal sealed partial class OperatorTokens(IOptions<OperatorOptions> options, TimeProvider clock, ILogger<OperatorTokens> logger)
{
    private const string Bearer = "Bearer ";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DirectoryTimeMax = TimeSpan.FromSeconds(10);
    private static readonly JsonWebTokenHandler Handler = new();

    private readonly OperatorOptions options = options.Value;

    // Made when the first operator calls: it reads the directory's keys, and again when one is unknown.
    private readonly Lazy<ConfigurationManager<OpenIdConnectConfiguration>> directory = new(() => new(
        $"{options.Value.Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
        new OpenIdConnectConfigurationRetriever(),
        new HttpDocumentRetriever(new HttpClient { Timeout = DirectoryTimeMax }) { RequireHttps = options.Value.Authority is not { IsLoopback: true } }));

    /// <returns>Or <c>invalid_operator_token</c>, <c>missing_role</c>, <c>operator_login_unavailable</c>.</returns>
    public async Task<Result<OperatorIdentity>> ReadAsync(HttpRequest request, string role, CancellationToken cancel)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return ApiError.InvalidOperatorToken;
        if (!(await ValidateAsync(header[Bearer.Length..].Trim(), cancel)).TryGet(out var token, out var error)) return error;

        var who = ClaimOf(token, "oid") ?? ClaimOf(token, "sub");
        if (who is null || ClaimOf(token, "tid") != options.TenantId) return ApiError.InvalidOperatorToken;
        if (!token.Claims.Any(claim => claim.Type == "roles" && claim.Value == role)) return ApiError.MissingRole(role);
        return new OperatorIdentity(who, ClaimOf(token, "preferred_username") ?? ClaimOf(token, "name") ?? "");
    }

    private async Task<Result<JsonWebToken>> ValidateAsync(string token, CancellationToken cancel)
    {
        try
        {
            var result = await ValidateOnceAsync(token, cancel);
            if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
            {
                // The directory changes its keys now and then.
                directory.Value.RequestRefresh();
                result = await ValidateOnceAsync(token, cancel);
            }

            return result.IsValid ? (JsonWebToken)result.SecurityToken : ApiError.InvalidOperatorToken;
        }
        catch (Exception cause) when (cause is InvalidOperationException or IOException or HttpRequestException)
        {
            Log.DirectoryFailed(logger, cause);
            return ApiError.OperatorLoginUnavailable;
        }
    }

    private async Task<TokenValidationResult> ValidateOnceAsync(string token, CancellationToken cancel)
    {
        var known = await directory.Value.GetConfigurationAsync(cancel);
        return await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            // A token for an application of version 1 names the older issuer.
            ValidIssuers = [known.Issuer, $"https://sts.windows.net/{options.TenantId}/"],
            ValidAudience = options.Audience,
            IssuerSigningKeys = known.SigningKeys,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (notBefore, expires, _, _) => clock.GetUtcNow().UtcDateTime is var now && !(now + ClockSkew < notBefore) && now - ClockSkew < expires,
        });
    }

    private static string? ClaimOf(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) && value.Length > 0 ? value : null;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The operator's directory could not be read; no token can be checked.")]
        public static partial void DirectoryFailed(ILogger logger, Exception cause);
    }
}
