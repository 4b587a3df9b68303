namespace ServerlessImages.Ledger.Writing;

/// <summary>Ends the hour that lasts, also before its time. Done twice, it is the same.</summary>
internal sealed class BeginHourOperation(LedgerHour hour) : LedgerOperation<Balance>
{
    private Balance? planned;

    public override IReadOnlyList<string> Keys => [];

    public override int RowCount => 0;

    public override PlanResult Plan(LedgerDraft draft)
    {
        // What the draft has charged in its hour is in no row yet, and would be lost with it.
        if (hour > draft.Hour && draft.Planned.Count > 0) return PlanResult.Waits;
        planned = draft.Balance = draft.Balance.In(hour);
        return PlanResult.Planned;
    }

    public override void Applied(IReadOnlyList<string> etags) => Complete(planned!);

    public override Task ResolveAsync(PartitionRows rows)
    {
        MustResolve = false;
        return Task.CompletedTask;
    }
}
