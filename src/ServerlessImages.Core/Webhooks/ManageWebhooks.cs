using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>What an account does with its endpoints. Secrets are shown when they are made, and never again.</summary>
public sealed class ManageWebhooks(WebhookDirectory directory, WebhookSigner signer, AccountLedger ledger, Peppers peppers, IEntropy entropy, TimeProvider clock)
{
    /// <param name="idempotencyKey">The same key makes the same endpoint, with the same secret; null makes another each time.</param>
    /// <returns>Or <c>too_many_webhook_endpoints</c>, <c>idempotency_key_reused</c>.</returns>
    /// <inheritdoc cref="WebhookDirectory.AddAsync" path="/exception"/>
    public async Task<Result<EndpointWithSecret>> AddAsync(LedgerPartition partition, WebhookTerms terms, string? idempotencyKey, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var id = idempotencyKey is null ? entropy.NextId("we_", now) : "we_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)))[..32];

        // Read before it is there: what is told from now on is told to it too.
        var cursor = (await ledger.BalanceAsync(partition, cancel)).Events;
        var endpoint = new WebhookEndpoint(id, terms.Url!, terms.Description ?? "", terms.Types ?? [], terms.StateOr(EndpointState.Enabled), now, new(SecretSeed.Next(entropy, peppers), null, DateTimeOffset.UnixEpoch), cursor);
        if (!(await directory.AddAsync(partition, endpoint, cancel)).TryGet(out var added, out var error)) return error;
        var isSame = added.Url == endpoint.Url && added.Types.SequenceEqual(endpoint.Types);
        return isSame ? new EndpointWithSecret(added, signer.TextOf(partition, added.Id, added.Secrets.Current)) : ApiError.IdempotencyKeyReused;
    }

    /// <summary>Changes what the terms name. One that is enabled again is told of what happens from then on, and of what it was not yet told before.</summary>
    /// <returns>Or <c>webhook_endpoint_not_found</c>.</returns>
    /// <inheritdoc cref="WebhookDirectory.ChangeAsync" path="/exception"/>
    public async Task<Result<WebhookEndpoint>> ChangeAsync(LedgerPartition partition, string id, WebhookTerms terms, CancellationToken cancel)
    {
        var events = (await ledger.BalanceAsync(partition, cancel)).Events;
        return await directory.ChangeAsync(partition, id, endpoint => Changed(endpoint, terms, events), cancel);
    }

    /// <summary>Makes a new secret. For <paramref name="overlap"/> messages are signed with the one before too.</summary>
    /// <returns>Or <c>webhook_endpoint_not_found</c>.</returns>
    /// <inheritdoc cref="WebhookDirectory.ChangeAsync" path="/exception"/>
    public async Task<Result<EndpointWithSecret>> RotateAsync(LedgerPartition partition, string id, TimeSpan overlap, CancellationToken cancel)
    {
        var (seed, until) = (SecretSeed.Next(entropy, peppers), clock.GetUtcNow() + overlap);
        var rotated = await directory.ChangeAsync(partition, id, endpoint => endpoint with { Secrets = new(seed, endpoint.Secrets.Current, until) }, cancel);
        return rotated.TryGet(out var changed, out var error) ? new EndpointWithSecret(changed, signer.TextOf(partition, id, seed)) : error;
    }

    /// <summary>Sends an event that says nothing but that it came.</summary>
    /// <returns>The event; or <c>webhook_endpoint_not_found</c>, <c>webhook_endpoint_disabled</c>.</returns>
    /// <inheritdoc cref="AccountLedger.AnnounceAsync" path="/exception"/>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    public async Task<Result<EventId>> TestAsync(LedgerPartition partition, string id, CancellationToken cancel)
    {
        if (!(await directory.FindAsync(partition, id, cancel)).TryGet(out var endpoint, out var error)) return error;
        if (!endpoint.IsEnabled) return ApiError.WebhookEndpointDisabled;
        var number = await ledger.AnnounceAsync(partition, new EventFact(EventTypes.EndpointTest, JsonSerializer.SerializeToElement(new { webhook_endpoint_id = id })));
        return new EventId(number, Place: 0);
    }

    private static WebhookEndpoint Changed(WebhookEndpoint endpoint, WebhookTerms terms, long events)
    {
        var changed = endpoint with { Url = terms.Url ?? endpoint.Url, Description = terms.Description ?? endpoint.Description, Types = terms.Types ?? endpoint.Types, State = terms.StateOr(endpoint.State) };

        // Whoever changes it has mended something: it is tried at once.
        if (changed.IsEnabled && (changed.Url != endpoint.Url || !endpoint.IsEnabled)) changed = changed with { Failures = 0, RestsUntil = DateTimeOffset.UnixEpoch, IsNoticeDue = false };
        return changed.IsEnabled && !endpoint.IsEnabled ? changed with { Cursor = Math.Max(endpoint.Cursor, events) } : changed;
    }
}

/// <summary>What an account says of an endpoint; null where it says nothing.</summary>
/// <param name="Types">None for all.</param>
public sealed record WebhookTerms(string? Url, string? Description, IReadOnlyList<string>? Types, bool? IsEnabled)
{
    /// <summary>What was disabled for a reason stays so until it is enabled.</summary>
    public EndpointState StateOr(EndpointState state) => IsEnabled switch
    {
        true => EndpointState.Enabled,
        false when state == EndpointState.Enabled => EndpointState.DisabledByRequest,
        _ => state,
    };
}

/// <param name="Secret">What its messages are signed with, from now on.</param>
public sealed record EndpointWithSecret(WebhookEndpoint Endpoint, string Secret);
