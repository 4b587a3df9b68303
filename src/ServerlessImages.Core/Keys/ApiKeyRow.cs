using ServerlessImages.Storage;

namespace ServerlessImages.Keys;

/// <summary>A key as a row of the table <c>keys</c>.</summary>
internal static class ApiKeyRow
{
    public static Columns ToColumns(ApiKey key) => new()
    {
        { nameof(ApiKey.AccountId), key.AccountId },
        { nameof(ApiKey.Livemode), key.Livemode ? 1 : 0 },
        { nameof(ApiKey.Hash), key.Hash },
        { nameof(ApiKey.PepperVersion), key.PepperVersion },
        { nameof(ApiKey.Scopes), string.Join(' ', key.Scopes) },
        { nameof(ApiKey.Created), key.Created.ToUnixTimeMilliseconds() },
        { nameof(ApiKey.ExpiresAt), key.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0 },
        { nameof(ApiKey.Revoked), key.Revoked ? 1 : 0 },
        { nameof(ApiKey.Name), key.Name },
        { nameof(ApiKey.Disabled), key.Disabled ? 1 : 0 },
        { nameof(ApiKey.Addresses), string.Join(' ', key.Addresses) },
        { nameof(ApiKey.Models), string.Join(' ', key.Models) },
        { nameof(ApiKey.ReplacedBy), key.ReplacedBy },
        { nameof(ApiKey.BudgetId), key.BudgetId },
    };

    public static ApiKey From(Row row)
    {
        var columns = row.Columns;
        var expiresAt = columns.Integer(nameof(ApiKey.ExpiresAt));
        var key = new ApiKey(
            row.Partition,
            columns.Text(nameof(ApiKey.AccountId)),
            columns.Integer(nameof(ApiKey.Livemode)) != 0,
            columns.Text(nameof(ApiKey.Hash)),
            checked((int)columns.Integer(nameof(ApiKey.PepperVersion))),
            Words(nameof(ApiKey.Scopes)),
            DateTimeOffset.FromUnixTimeMilliseconds(columns.Integer(nameof(ApiKey.Created))),
            expiresAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(expiresAt),
            columns.Integer(nameof(ApiKey.Revoked)) != 0)
        {
            Name = columns.Text(nameof(ApiKey.Name)),
            Disabled = columns.Integer(nameof(ApiKey.Disabled)) != 0,
            Addresses = [.. Words(nameof(ApiKey.Addresses)).Select(Range)],
            Models = Words(nameof(ApiKey.Models)),
            ReplacedBy = columns.Text(nameof(ApiKey.ReplacedBy)),
        };
        return columns.Text(nameof(ApiKey.BudgetId)) is { Length: > 0 } budget ? key with { BudgetId = budget } : key;

        string[] Words(string name) => columns.Text(name).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // A range that cannot be read must not become no restriction.
        static AddressRange Range(string text) => AddressRange.TryParse(text, out var range) ? range : throw new InvalidDataException($"A key has the address range '{text}'.");
    }
}
