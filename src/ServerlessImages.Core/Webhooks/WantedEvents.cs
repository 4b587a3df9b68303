using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>Which types of events the endpoints of an account want, all together. The balance has a copy, for those who tell (<see cref="Ledger.Balance.WithWanted"/>).</summary>
/// <param name="Version">How often the endpoints were changed.</param>
public sealed record WantedEvents(long Version, long Mask, string ETag)
{
    public static WantedEvents None { get; } = new(0, 0, "");

    /// <summary>The next version, of endpoints as they then are. Applied only if nobody changed them since this was read.</summary>
    public WantedEvents Next(IEnumerable<WebhookEndpoint> endpoints) => this with { Version = Version + 1, Mask = endpoints.Aggregate(0L, (mask, each) => mask | each.Mask) };

    public RowWrite Write()
    {
        var columns = new Columns { { nameof(Version), Version }, { nameof(Mask), Mask } };
        return ETag.Length == 0 ? RowWrite.Insert(WebhookRows.Wanted, columns) : RowWrite.Replace(WebhookRows.Wanted, columns, ETag);
    }

    public static WantedEvents From(Row? row) => row is null ? None : new(row.Columns.Integer(nameof(Version)), row.Columns.Integer(nameof(Mask)), row.ETag);
}
