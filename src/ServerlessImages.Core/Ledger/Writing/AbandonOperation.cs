using ServerlessImages.Storage;

namespace ServerlessImages.Ledger.Writing;

/// <summary>Notes that a request's caller hung up before it was answered, so that an equal request can adopt it.</summary>
internal sealed class AbandonOperation(AbandonedRequest request, TimeSpan adoptableFor) : LedgerOperation<bool>
{
    private readonly string key = LedgerRows.Abandoned(request.KeyId, request.Fingerprint);

    public override IReadOnlyList<string> Keys => [key];

    public override int RowCount => 1;

    public override PlanResult Plan(LedgerDraft draft)
    {
        var until = (draft.Now + adoptableFor).ToUnixTimeMilliseconds();
        draft.Balance = draft.Balance with { AdoptableUntil = Math.Max(draft.Balance.AdoptableUntil, until) };
        draft.Add(this, RowWrite.Upsert(key, request.ToColumns()));
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(true);

    /// <summary>Written twice it is the same row.</summary>
    public override Task ResolveAsync(PartitionRows rows)
    {
        MustResolve = false;
        return Task.CompletedTask;
    }
}
