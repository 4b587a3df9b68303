using System.Text.Json;
using ServerlessImages.Storage;

namespace ServerlessImages.Simulation.Invariants;

/// <summary>A grant that expires, as its entries tell of it.</summary>
/// <param name="expiresAt">In Unix milliseconds.</param>
internal sealed class PromotionFact(long amount, long expiresAt)
{
    public long ExpiresAt => expiresAt;

    /// <summary>What entries said that they took of it.</summary>
    public long Taken { get; set; }

    public long Expired { get; set; }

    public long Left => amount - Taken - Expired;

    /// <summary>The column <c>FromExpiring</c> of an entry, or <c>Expiring</c> of a hold.</summary>
    public static Dictionary<string, long> Shares(Columns columns, string name) =>
        columns.Text(name) is { Length: > 0 } text ? JsonSerializer.Deserialize<Dictionary<string, long>>(text)! : [];
}

/// <summary>A part of the column <c>Expiring</c> of the balance.</summary>
internal sealed record StoredGrant(string GrantId, long ExpiresAt, long Left, long Held, bool IsOver)
{
    public static IReadOnlyList<StoredGrant> Parse(string text) => text.Length == 0 ? [] : JsonSerializer.Deserialize<StoredGrant[]>(text)!;
}
