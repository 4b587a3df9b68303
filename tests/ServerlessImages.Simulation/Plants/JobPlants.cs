namespace ServerlessImages.Simulation.Plants;

/// <summary>Bugs of requests that are answered later.</summary>
internal static class JobPlants
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        new("job-takes-no-place", "Jobs/StartJobOperation.cs",
            "if (job.State == JobState.Queued) draft.Balance = draft.Balance with { Open = draft.Balance.Open + 1 };", "",
            "a job that begins takes a place of the account's open requests"),
        new("job-begins-without-a-place", "Jobs/StartJobOperation.cs",
            "return balance.Open >= balance.Conduct.OpenMax(plan, now) ? JobStartState.NoPlace : null;", "return null;",
            "running jobs count among the open requests"),
        new("job-given-back-keeps-its-place", "Jobs/ChangeJobOperation.cs",
            "if (seen.State == JobState.Running && planned.State == JobState.Queued) draft.Balance = draft.Balance with { Open = draft.Balance.Open - 1 };", "",
            "a job that waits again takes no place"),
        new("job-that-waits-frees-a-place", "Ledger/Writing/CloseOperation.cs",
            "waits: job?.State == JobState.Queued);", "waits: false);",
            "what ends without having begun had no place"),
        new("job-order-lost", "Ledger/Writing/CloseOperation.cs",
            "draft.Add(this, RowWrite.Upsert(LedgerRows.StoredOrder(ended.Order.Id), ended.Order.ToColumns(draft.Now, isOver: true)));", "",
            "an order is listed until its blobs are deleted"),
        new("job-order-taken-twice", "Ledger/Writing/HoldOperation.cs",
            "draft.Add(this, RowWrite.Delete(LedgerRows.StoredOrder(claim.Order.Id), claim.Order.ETag));", "",
            "an order becomes one job, whatever becomes of the answer"),
        new("job-cancelled-while-it-runs", "Jobs/EndWaitingJobs.cs",
            "hold, each => each.State == JobState.Queued,", "hold, each => true,",
            "what is being drawn is finished and paid"),
        new("job-ends-untold", "Ledger/Writing/CloseOperation.cs",
            "job is { IsAnswered: true } ? [JobEvents.Of(planned)] : (EventFact[])[],", "(EventFact[])[],",
            "a job's end is told with its entry"),
        new("job-drawn-again-for-nobody", "Jobs/RunJobs.cs",
            "private static bool IsKnown(Work work) => work.Job.IsAnswered || work.Hold.Hold.KeyHash.Length > 0;", "private static bool IsKnown(Work work) => work.Job.Attempt > 0;",
            "a call whose caller was told nothing is not drawn again and charged"),
    ];
}
