using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Deployments;

namespace ServerlessImages.Operators;

/// <summary>Something that is not as it should be, wherever it was found.</summary>
/// <param name="Kind">Such as <c>books_differ</c>.</param>
/// <param name="Id">Of what it is about: a day, a payment, an announcement, a deployment.</param>
/// <param name="AccountId">Or "".</param>
/// <param name="Cursor">Where the next page goes on.</param>
public sealed record Incident(string Kind, string Id, string AccountId, string Cause, DateTimeOffset At, string Cursor);

/// <summary>What wants an operator's eye, of all parts in one list: first deployments that are closed, then books that differ, newest first, then what differs at the collector, then billing.</summary>
/// <param name="inbox">Null where no money is collected.</param>
public sealed class ListIncidents(IImageDeployments deployments, DeploymentStates states, BooksIndex books, FindBooks find, CollectorDifferences differences, TimeProvider clock, BillingInbox? inbox = null)
{
    private const int CodesShown = 10;

    /// <param name="after">The cursor of the last one of the page before, or "".</param>
    /// <exception cref="Storage.StoreUnavailableException">The store could not be asked.</exception>
    public async Task<IReadOnlyList<Incident>> RunAsync(string after, int limit, CancellationToken cancel)
    {
        var (part, rest) = after.Length > 2 ? (after[0], after[2..]) : ('0', "");
        var found = new List<Incident>();
        if (part is '0') found.AddRange(await OfDeploymentsAsync(rest, cancel));
        if (part is '0' or '1' && found.Count < limit) found.AddRange(await OfBooksAsync(part == '1' ? rest : "", limit - found.Count, cancel));
        if (part is not '3' && found.Count < limit) found.AddRange(await OfCollectorAsync(part == '2' ? rest : "", limit - found.Count, cancel));
        if (inbox is not null && found.Count < limit) found.AddRange((await inbox.ProblemsAsync(part == '3' ? rest : "", limit - found.Count, cancel)).Select(problem => new Incident(KindOf(problem.Kind), problem.Id, problem.AccountId, problem.Cause, problem.At, "3|" + problem.Cursor)));
        return [.. found.Take(limit)];
    }

    public static string KindOf(BillingProblemKind kind) => kind switch
    {
        BillingProblemKind.PaymentQuarantined => "payment_quarantined",
        BillingProblemKind.UsageRefused => "usage_refused",
        BillingProblemKind.EventUnknown => "event_type_unknown",
        BillingProblemKind.EventVersionForeign => "event_version_foreign",
        _ => "event_waiting",
    };

    private async Task<List<Incident>> OfDeploymentsAsync(string after, CancellationToken cancel)
    {
        var (now, found) = (clock.GetUtcNow(), new List<Incident>());
        foreach (var deployment in deployments.All.OrderBy(each => each.Name, StringComparer.Ordinal).Where(each => string.CompareOrdinal(each.Name, after) > 0))
        {
            // To be throttled is in the day's work: only what is broken is an incident.
            var state = await states.LookAsync(deployment, cancel);
            var word = state.WordAt(now);
            if (word is "blocked" or "failing" or "probing") found.Add(new("deployment_" + word, deployment.Name, "", $"{deployment.Model}: {state.Failures} failures in a row", state.ClosedUntil, "0|" + deployment.Name));
        }

        return found;
    }

    private async Task<IEnumerable<Incident>> OfBooksAsync(string after, int limit, CancellationToken cancel)
    {
        var found = new List<Incident>();
        foreach (var differing in await books.DifferingAsync(after, limit, cancel))
        {
            // Listed before it is written: a process may have died between the two.
            if ((await find.RunAsync(differing.Partition, differing.Day, cancel)).TryGet(out var day, out _)) found.Add(new("books_differ", BooksDay.Key(differing.Day), differing.Partition.Account, Words(day.Books), day.Books.ClosedAt, "1|" + differing.Cursor));
        }

        return found;
    }

    /// <summary>Each with the rows on both sides.</summary>
    private async Task<IEnumerable<Incident>> OfCollectorAsync(string after, int limit, CancellationToken cancel)
    {
        var found = new List<Incident>();
        await foreach (var each in differences.AllAsync(null, cancel))
        {
            var (mismatch, cursor) = (each.Mismatch, $"{each.Account}|{each.Mismatch.Kind}|{each.Mismatch.Id}");
            if (each is not { NamedOn: { } named, SettledOn: null } || string.CompareOrdinal(cursor, after) <= 0) continue;
            found.Add(new("collector_differs", mismatch.Id, each.Account, Words(mismatch.Difference), new(named, TimeOnly.MinValue, TimeSpan.Zero), "2|" + cursor));
            if (found.Count == limit) break;
        }

        return found;
    }

    private static string Words(Difference difference) =>
        $"{difference.Code}: {(difference.Row.Length > 0 ? difference.Row : "no row")} says {difference.Expected}, {(difference.CollectorRow.Length > 0 ? difference.CollectorRow : "the collector")} says {difference.Found}";

    private static string Words(BooksDay day) => string.Join(", ", day.Differences.CountBy(each => each.Code).Take(CodesShown).Select(each => $"{each.Value} {each.Key}"));
}
