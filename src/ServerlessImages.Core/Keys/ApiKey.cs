namespace ServerlessImages.Keys;

public enum KeyStatus
{
    Active,

    /// <summary>Switched off by its owner, who may switch it on again.</summary>
    Disabled,
    Expired,

    /// <summary>For good.</summary>
    Revoked,
}

/// <summary>What is known of a key, without its secret.</summary>
/// <param name="Id">The public part, by which it is looked up.</param>
/// <param name="Hash">HMAC-SHA-256 of the whole key under a pepper, in hex.</param>
/// <param name="PepperVersion">Which pepper.</param>
/// <param name="ExpiresAt">Or null: never.</param>
public sealed record ApiKey(string Id, string AccountId, bool Livemode, string Hash, int PepperVersion, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? ExpiresAt, bool Revoked)
{
    private readonly string? budgetId;

    /// <summary>For people; "" if it has none.</summary>
    public string Name { get; init; } = "";

    public bool Disabled { get; init; }

    /// <summary>Whence it may be used; empty for everywhere.</summary>
    public IReadOnlyList<AddressRange> Addresses { get; init; } = [];

    /// <summary>Which models it may buy, by their ids; empty for all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>The key that took its place when it was rotated, or "".</summary>
    public string ReplacedBy { get; init; } = "";

    /// <summary>Whose budget row bounds it: its own, or that of the first key that it was rotated from. So rotating gives nothing back that was spent.</summary>
    public string BudgetId
    {
        get => budgetId ?? Id;
        init => budgetId = value;
    }

    public Ledger.LedgerPartition Partition => new(AccountId, Livemode);

    /// <summary>The beginning of its text, by which people find it among others.</summary>
    public string Shown => $"{ApiKeyText.PrefixOf(Livemode)}{Id}…";

    public KeyTerms Terms => new(Scopes) { Name = Name, ExpiresAt = ExpiresAt, Addresses = Addresses, Models = Models };

    public KeyStatus StatusAt(DateTimeOffset now)
    {
        if (Revoked) return KeyStatus.Revoked;
        if (Disabled) return KeyStatus.Disabled;
        return ExpiresAt <= now ? KeyStatus.Expired : KeyStatus.Active;
    }

    /// <returns>What whoever has the whole key is told: null if it is good.</returns>
    public ApiError? RefusalAt(DateTimeOffset now) => StatusAt(now) switch
    {
        KeyStatus.Revoked => ApiError.InvalidApiKey,
        KeyStatus.Disabled => ApiError.KeyDisabled,
        KeyStatus.Expired => ApiError.KeyExpired,
        _ => null,
    };

    /// <param name="from">Null where it is not known, which is nowhere allowed.</param>
    public ApiError? RefusalFrom(System.Net.IPAddress? from)
    {
        if (Addresses.Count == 0) return null;
        if (from is null) return ApiError.ClientAddressUnknown;
        return Addresses.Any(range => range.Contains(from)) ? null : ApiError.AddressNotAllowed;
    }

    public bool MayBuy(string model) => Models.Count == 0 || Models.Contains(model);

    /// <summary>What of another key's terms goes beyond this key: nobody mints what they do not have.</summary>
    /// <returns>The name of the field; null if nothing does.</returns>
    public string? ExcessOf(bool livemode, KeyTerms terms)
    {
        if (livemode && !Livemode) return "livemode";
        if (terms.Scopes.Except(Scopes).Any()) return "scopes";
        if (ExpiresAt is { } end && !(terms.ExpiresAt <= end)) return "expires_at";
        if (Models.Count > 0 && (terms.Models.Count == 0 || terms.Models.Except(Models).Any())) return "models";
        var areInside = Addresses.Count == 0 || (terms.Addresses.Count > 0 && terms.Addresses.All(each => Addresses.Any(own => own.Contains(each))));
        return areInside ? null : "addresses";
    }
}

/// <summary>What a key is minted with, and keeps.</summary>
public sealed record KeyTerms(IReadOnlyList<string> Scopes)
{
    public string Name { get; init; } = "";
    public DateTimeOffset? ExpiresAt { get; init; }
    public IReadOnlyList<AddressRange> Addresses { get; init; } = [];
    public IReadOnlyList<string> Models { get; init; } = [];
}

/// <summary>A key and its text, which exists only in the answer to whoever made it.</summary>
public sealed record MintedKey(ApiKey Key, ApiKeyText Text);

/// <summary>Who calls: known from the key alone, never from what a request says.</summary>
public sealed record Caller(ApiKey Key, Accounts.Account Account, Accounts.Plan Plan)
{
    public Ledger.LedgerPartition Partition => new(Account.Id, Key.Livemode);
}
