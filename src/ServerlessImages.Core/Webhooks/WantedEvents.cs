using ServerlessImages.Storage;

namespace ServerlessImages.Webhooks;

/// <summary>Which types of events the endpoints of an account want, all together. The balance has a copy, for those who tell (<see cref="Ledger.Balance.WithWanted"/>).</summary>
/// <param name="Version">How often the endpoints were changed.</param>
public sealed record WantedEvents(long Version, long Mask, string ETag)
{
    public static WantedEvents None { get; } = new(0, 0, "");

    /// <summary>How many endpoints get nothing for a reason that their account did not give.</summary>
    public int Broken { get; init; }

    /// <summary>The next version, of endpoints as they then are. Applied only if nobody changed them since this was read.</summary>
    public WantedEvents Next(IReadOnlyCollection<WebhookEndpoint> endpoints) => this with
    {
        Version = Version + 1,
        Mask = endpoints.Aggregate(0L, (mask, each) => mask | each.Mask),
        Broken = endpoints.Count(each => each.State is EndpointState.DisabledGone or EndpointState.DisabledFailing),
    };

    public RowWrite Write()
    {
        var columns = new Columns { { nameof(Version), Version }, { nameof(Mask), Mask }, { nameof(Broken), Broken } };
        return ETag.Length == 0 ? RowWrite.Insert(WebhookRows.Wanted, columns) : RowWrite.Replace(WebhookRows.Wanted, columns, ETag);
    }

    public static WantedEvents From(Row? row) => row is null ? None : new(row.Columns.Integer(nameof(Version)), row.Columns.Integer(nameof(Mask)), row.ETag) { Broken = (int)row.Columns.Integer(nameof(Broken)) };
}
