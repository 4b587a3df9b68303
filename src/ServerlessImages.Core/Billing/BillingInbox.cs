using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// What the collector announced, and what of it wants an operator's eye: the partition <c>inbox</c> of the table <c>billing</c>. RowKey is one of
/// <list type="bullet">
/// <item><c>D</c>: until when everything that the collector knows was looked through.</item>
/// <item><c>E|{event}</c>: an announcement that was taken in. Insert only, so each counts once.</item>
/// <item><c>N|{time counted down}|{event}</c>: the same, so that the newest come first. Inserted with it.</item>
/// <item><c>Q|{payment}</c>: a payment that is no credit, and why.</item>
/// <item><c>R|{event}</c>: usage that the collector took and then found to be wrong.</item>
/// <item><c>U|{type}</c>: the last announcement of a type that this version does not know.</item>
/// <item><c>V|{version}</c>: the last announcement written in another version of the collector's API.</item>
/// <item><c>W|{event}</c>: an announcement that waits to be handled, since the transaction that took it in until it is done.</item>
/// </list>
/// </summary>
/// <remarks>Announcements hold names and addresses of payers: of their content nothing is kept but ids.</remarks>
public sealed class BillingInbox(ITableStore store, TimeProvider clock)
{
    private const string Partition = "inbox";
    private const string SweptRow = "D";
    private const string SweptThrough = nameof(SweptThrough);
    private const string AttentionStart = "Q|";
    private const string AttentionEnd = "W}";
    private const string WaitingStart = "W|";
    private const string NewestStart = "N|";
    private const string NewestEnd = "N}";
    private const int CauseCharactersMax = 500;

    /// <summary>Takes an announcement in.</summary>
    /// <returns>What waits to be handled; null if it was taken in before, or nothing has to be done.</returns>
    public async Task<WaitingEvent?> AddAsync(CollectorEvent announced, CancellationToken cancel)
    {
        if (await store.FindAsync(TableNames.Billing, Partition, "E|" + announced.Id, cancel) is not null) return null;

        var waits = announced.Kind is not (CollectorEventKind.Nothing or CollectorEventKind.Unknown);
        var receivedAt = clock.GetUtcNow();
        var columns = ToColumns(announced, receivedAt, attempts: 0, cause: "");
        List<RowWrite> writes = [RowWrite.Insert("E|" + announced.Id, columns)];
        if (waits) writes.Add(RowWrite.Insert(WaitingStart + announced.Id, columns));
        writes.Add(RowWrite.Insert(NewestKey(receivedAt, announced.Id), columns));
        if (announced.Kind == CollectorEventKind.Unknown) writes.Add(RowWrite.Upsert("U|" + announced.Type, columns));
        if (announced.ForeignVersion.Length > 0) writes.Add(RowWrite.Upsert("V|" + announced.ForeignVersion, columns));
        var added = await store.CommitAsync(TableNames.Billing, Partition, writes, cancel);
        return added.Applied && waits ? new WaitingEvent(announced, receivedAt, 0, added.ETags[1]) : null;
    }

    /// <summary>What waits, by its id.</summary>
    public async Task<IReadOnlyList<WaitingEvent>> WaitingAsync(string afterId, int limit, CancellationToken cancel)
    {
        var rows = await store.RangeAsync(TableNames.Billing, Partition, afterId.Length == 0 ? WaitingStart : WaitingStart + afterId + "!", AttentionEnd, limit, cancel);
        return [.. rows.Select(row => new WaitingEvent(EventOf(row), ReceivedAt(row), (int)row.Columns.Integer(nameof(WaitingEvent.Attempts)), row.ETag) { Cause = row.Columns.Text(nameof(BillingProblem.Cause)) })];
    }

    /// <summary>What was announced, newest first.</summary>
    /// <param name="after">The cursor of the last one of the page before, or "".</param>
    public async Task<IReadOnlyList<ReceivedEvent>> ReceivedAsync(string after, int limit, CancellationToken cancel)
    {
        var from = string.CompareOrdinal(after, NewestStart) < 0 ? NewestStart : after + "!";
        var rows = await store.RangeAsync(TableNames.Billing, Partition, from, NewestEnd, limit, cancel);
        return [.. rows.Select(row => new ReceivedEvent(EventOf(row), ReceivedAt(row), row.Key))];
    }

    /// <summary>It is done. Whoever else was at it may have said so already.</summary>
    public Task DoneAsync(WaitingEvent waiting, CancellationToken cancel) =>
        store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Delete(WaitingStart + waiting.Event.Id, waiting.ETag)], cancel);

    /// <summary>It could not be handled yet.</summary>
    public Task FailedAsync(WaitingEvent waiting, string cause, CancellationToken cancel) =>
        store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Replace(WaitingStart + waiting.Event.Id, ToColumns(waiting.Event, waiting.ReceivedAt, waiting.Attempts + 1, cause), waiting.ETag)], cancel);

    /// <summary>Lays a payment aside: it is no credit. Calling again keeps the first reason.</summary>
    public async Task QuarantineAsync(Payment payment, string problem, CancellationToken cancel)
    {
        var columns = new Columns
        {
            { "Account", payment.AccountId },
            { "Customer", payment.CustomerId },
            { nameof(payment.Cents), payment.Cents },
            { nameof(payment.AskedCents), payment.AskedCents },
            { nameof(payment.Currency), payment.Currency },
            { nameof(BillingProblem.Cause), problem },
            { nameof(WaitingEvent.ReceivedAt), clock.GetUtcNow().ToUnixTimeMilliseconds() },
        };
        if ((await store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert(AttentionStart + payment.Id, columns)], cancel)).Applied) Telemetry.PaymentsQuarantined.Add(1);
    }

    public async Task<bool> IsQuarantinedAsync(string paymentId, CancellationToken cancel) => await FindQuarantinedAsync(paymentId, cancel) is not null;

    /// <returns>Why the payment is no credit; null if it is none of those that were laid aside.</returns>
    public async Task<string?> FindQuarantinedAsync(string paymentId, CancellationToken cancel) =>
        (await store.FindAsync(TableNames.Billing, Partition, AttentionStart + paymentId, cancel))?.Columns.Text(nameof(BillingProblem.Cause));

    /// <summary>Lists usage that is on no invoice. Calling again keeps the first.</summary>
    public Task NoteRefusalAsync(CollectorEvent announced, UsageProblem problem, CancellationToken cancel)
    {
        var columns = new Columns { { "Account", problem.AccountId }, { nameof(BillingProblem.Cause), Short(problem.Cause) }, { nameof(WaitingEvent.ReceivedAt), clock.GetUtcNow().ToUnixTimeMilliseconds() } };
        return store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Insert("R|" + announced.Id, columns)], cancel);
    }

    /// <summary>What wants an operator's eye, by the kind.</summary>
    /// <param name="after">The cursor of the last one of the page before, or "".</param>
    public async Task<IReadOnlyList<BillingProblem>> ProblemsAsync(string after, int limit, CancellationToken cancel)
    {
        var from = string.CompareOrdinal(after, AttentionStart) < 0 ? AttentionStart : after + "!";
        var rows = await store.RangeAsync(TableNames.Billing, Partition, from, AttentionEnd, limit, cancel);
        return [.. rows.Select(ProblemOf)];
    }

    /// <returns>Until when everything was looked through, or null.</returns>
    public async Task<DateTimeOffset?> SweptThroughAsync(CancellationToken cancel) =>
        await store.FindAsync(TableNames.Billing, Partition, SweptRow, cancel) is { } row ? DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(SweptThrough)) : null;

    public Task SweptAsync(DateTimeOffset through, CancellationToken cancel) =>
        store.CommitAsync(TableNames.Billing, Partition, [RowWrite.Upsert(SweptRow, new Columns { { SweptThrough, through.ToUnixTimeMilliseconds() } })], cancel);

    private static Columns ToColumns(CollectorEvent announced, DateTimeOffset receivedAt, int attempts, string cause) => new()
    {
        { nameof(CollectorEvent.Id), announced.Id },
        { nameof(CollectorEvent.Type), announced.Type },
        { nameof(CollectorEvent.Kind), announced.Kind.ToString() },
        { nameof(CollectorEvent.ObjectId), announced.ObjectId },
        { nameof(CollectorEvent.Created), announced.Created.ToUnixTimeMilliseconds() },
        { nameof(CollectorEvent.ForeignVersion), announced.ForeignVersion },
        { nameof(WaitingEvent.ReceivedAt), receivedAt.ToUnixTimeMilliseconds() },
        { nameof(WaitingEvent.Attempts), attempts },
        { nameof(BillingProblem.Cause), Short(cause) },
    };

    private static string NewestKey(DateTimeOffset receivedAt, string eventId) => string.Create(CultureInfo.InvariantCulture, $"{NewestStart}{DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - receivedAt.ToUnixTimeMilliseconds():D15}|{eventId}");

    private static string Short(string cause) => cause.Length > CauseCharactersMax ? cause[..CauseCharactersMax] : cause;

    private static CollectorEvent EventOf(Row row) => new(
        row.Columns.Text(nameof(CollectorEvent.Id)),
        row.Columns.Text(nameof(CollectorEvent.Type)),
        Enum.Parse<CollectorEventKind>(row.Columns.Text(nameof(CollectorEvent.Kind))),
        row.Columns.Text(nameof(CollectorEvent.ObjectId)),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(CollectorEvent.Created))),
        row.Columns.Text(nameof(CollectorEvent.ForeignVersion)));

    private static DateTimeOffset ReceivedAt(Row row) => DateTimeOffset.FromUnixTimeMilliseconds(row.Columns.Integer(nameof(WaitingEvent.ReceivedAt)));

    private static BillingProblem ProblemOf(Row row)
    {
        var columns = row.Columns;
        var received = ReceivedAt(row);
        var (kind, id) = (row.Key[0], row.Key[2..]);
        if (kind == 'Q') return new(row.Key, BillingProblemKind.PaymentQuarantined, id, columns.Text("Account"), string.Create(CultureInfo.InvariantCulture, $"{columns.Text("Cause")} ({columns.Integer("Cents")} cents in {columns.Text("Currency")}, customer {columns.Text("Customer")})"), received);
        if (kind == 'R') return new(row.Key, BillingProblemKind.UsageRefused, id, columns.Text("Account"), columns.Text("Cause"), received);
        var type = columns.Text(nameof(CollectorEvent.Type));
        return kind switch
        {
            'U' => new(row.Key, BillingProblemKind.EventUnknown, columns.Text(nameof(CollectorEvent.Id)), "", $"the type {id} is not known to this version", received),
            'V' => new(row.Key, BillingProblemKind.EventVersionForeign, columns.Text(nameof(CollectorEvent.Id)), "", $"{type} came in the version {id}", received),
            _ => new(row.Key, BillingProblemKind.EventWaiting, id, "", string.Create(CultureInfo.InvariantCulture, $"{type} of {columns.Text("ObjectId")} after {columns.Integer("Attempts")} attempts: {columns.Text("Cause")}"), received),
        };
    }
}

/// <param name="Attempts">How often handling it failed.</param>
public sealed record WaitingEvent(CollectorEvent Event, DateTimeOffset ReceivedAt, int Attempts, string ETag)
{
    /// <summary>Why it failed the last time; "" if it never did.</summary>
    public string Cause { get; init; } = "";
}

/// <summary>An announcement that was taken in.</summary>
/// <param name="Cursor">Where the next page goes on.</param>
public sealed record ReceivedEvent(CollectorEvent Event, DateTimeOffset ReceivedAt, string Cursor);

public enum BillingProblemKind
{
    PaymentQuarantined,
    UsageRefused,
    EventUnknown,
    EventVersionForeign,
    EventWaiting,
}

/// <param name="Cursor">Where the next page goes on.</param>
/// <param name="Id">The payment's, or the announcement's.</param>
public sealed record BillingProblem(string Cursor, BillingProblemKind Kind, string Id, string AccountId, string Cause, DateTimeOffset At);
