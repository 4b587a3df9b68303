namespace ServerlessImages.Simulation.Plants;

/// <summary>Bugs of webhooks, which histories of deliveries have to find.</summary>
internal static class DeliveryPlants
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        Of("cursor-before-deliveries", "Webhooks/PlanDeliveries.cs",
            "[RowWrite.Replace(WebhookRows.Endpoint(changed.Id), changed.ToColumns(), changed.ETag), .. writes], cancel);", "[RowWrite.Replace(WebhookRows.Endpoint(changed.Id), changed.ToColumns(), changed.ETag)], cancel); if (result.Applied && writes.Any()) await store.CommitAsync(TableNames.Webhooks, partition.Key, [.. writes], cancel);",
            "the cursor moves on together with the deliveries of what it passes"),
        Of("lease-never-over", "Webhooks/AttemptDeliveries.cs",
            "Row[] rows = [.. leased, .. due];", "Row[] rows = [.. due];",
            "what a dead process attempted is attempted again"),
        Of("no-answer-is-success", "Webhooks/DeliveryRecord.cs",
            "if (answer.Status is >= 200 and < 300) return", "if (answer.Status is null or (>= 200 and < 300)) return",
            "only what was answered well was delivered"),
        Of("redirect-is-success", "Webhooks/DeliveryRecord.cs",
            "if (answer.Status is >= 200 and < 300) return", "if (answer.Status is >= 200 and < 400) return",
            "a redirect is a failure"),
        Of("failed-and-forgotten", "Webhooks/AttemptDeliveries.cs",
            "if (record.DueAt is { } due) yield return", "if (record.DueAt is { } due && record.Status != 0) yield return",
            "what failed waits for its next attempt"),
        Of("sweep-forgets-retries", "Webhooks/PendingDeliveries.cs",
            "limit: 1, cancel) is [var first] && WebhookRows.TimeOf(first.Key) <= now;", "limit: 1, cancel) is [var first] && WebhookRows.TimeOf(first.Key) == now;",
            "what is due is found without a hint"),
        Of("sweep-forgets-news", "Webhooks/PendingDeliveries.cs",
            "await store.FindAsync(TableNames.Ledger, partition.Key, LedgerRows.Event(endpoint.Cursor + 1), cancel) is not null", "false",
            "what nobody hinted at is found"),
        Of("wanted-not-synced", "Webhooks/WebhookDirectory.cs",
            "if ((await ledger.BalanceAsync(partition, cancel)).EndpointsVersion < wanted.Version) await", "if (wanted.Version < 0) await",
            "the balance comes to know what is wanted, whoever dies"),
        Of("request-not-told", "Ledger/Writing/LedgerDraft.cs",
            "facts) => Balance.Wants(RequestFact.TypeOf(entry)) ?", "facts) => entry.IsCharge && Balance.Wants(RequestFact.TypeOf(entry)) ?",
            "a request's end is told with its entry"),
        Of("told-twice", "Ledger/Writing/AnnounceOperation.cs",
            "draft.Add(this, RowWrite.Insert(key,", "draft.Add(this, RowWrite.Upsert(key,",
            "an act is told once"),
        Of("gone-in-silence", "Webhooks/AttemptDeliveries.cs",
            "with { State = EndpointState.DisabledGone, IsNoticeDue = true };", "with { State = EndpointState.DisabledGone };",
            "an account is told that an endpoint was disabled"),
    ];

    private static Plant Of(string name, string file, string old, string @new, string breaks) => new(name, file, old, @new, breaks) { IsOfDeliveries = true };
}
