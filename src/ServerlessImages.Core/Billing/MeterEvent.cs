using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// What an account owes for one hour, on its way to the collector: the row <c>F|{hour}</c>. It is written in the transaction that closes the hour, so its value is
/// final before anything is sent. Once delivered, the row <c>M|{hour}</c> takes its place. Pure: what to do next follows from the row and the time.
/// </summary>
/// <remarks>
/// Times are those of instances' clocks, which may be wrong by minutes; the borders below keep hours away from the collector's own. Source of these: Stripe,
/// "Meter events": an identifier is unique for at least 24 hours, a timestamp at most 35 days old.
/// </remarks>
public sealed record MeterEvent(LedgerHour Hour, Money Value)
{
    /// <summary>80 % of 24 hours. Later the collector may count a repeat anew, so it is asked first.</summary>
    private static readonly TimeSpan ResendFor = TimeSpan.FromHours(24 * 0.8);

    /// <summary>90 % of 35 days.</summary>
    private static readonly TimeSpan ReportableFor = TimeSpan.FromDays(35 * 0.9);

    /// <summary>What the collector counts follows its reports with a lag that it does not promise.</summary>
    private static readonly TimeSpan TotalsSettleFor = TimeSpan.FromHours(6);

    /// <summary>Longer than any call: until then another instance may be at it.</summary>
    private static readonly TimeSpan AttemptMax = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BackoffMax = TimeSpan.FromHours(1);

    /// <summary>What is refused waits for a person.</summary>
    private static readonly TimeSpan QuarantinedFor = TimeSpan.FromHours(6);

    /// <summary>From 1 on; the next one is taken when it is certain that the one before did not arrive and never will.</summary>
    public int Sequence { get; init; } = 1;

    /// <summary>How often it was sent under this sequence.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was first sent under this sequence; null for never.</summary>
    public DateTimeOffset? FirstTriedAt { get; init; }

    public DateTimeOffset? TriedAt { get; init; }

    /// <summary>Not to be touched before.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>It goes on an invoice by itself: decided once, and never taken back.</summary>
    public bool IsInvoiceItem { get; init; }

    /// <summary>Why it waits for a person, or "".</summary>
    public string Problem { get; init; } = "";

    /// <summary>Since when it could have been delivered.</summary>
    public DateTimeOffset WaitsSince => Hour.Start.AddHours(1);

    public MeterEventStep StepAt(DateTimeOffset now)
    {
        var isDue = NextAt is not { } next || now >= next;
        if (IsInvoiceItem) return isDue ? MeterEventStep.Invoice : MeterEventStep.Wait;

        var isTooOld = now - Hour.Start >= ReportableFor;
        if (FirstTriedAt is { } first && (isTooOld || now - first >= ResendFor)) return isDue && now - TriedAt >= TotalsSettleFor ? MeterEventStep.Ask : MeterEventStep.WaitForTotals;
        if (!isDue) return MeterEventStep.Wait;
        return isTooOld ? MeterEventStep.Invoice : MeterEventStep.Send;
    }

    /// <summary>As it has to be stored before it is sent: a process that dies then leaves the time from which a repeat counts once.</summary>
    public MeterEvent Begin(MeterEventStep step, DateTimeOffset now)
    {
        var begun = this with { Attempts = Attempts + 1, NextAt = now + AttemptMax };
        return step == MeterEventStep.Invoice ? begun with { IsInvoiceItem = true } : begun with { FirstTriedAt = FirstTriedAt ?? now, TriedAt = now };
    }

    /// <summary>It was not delivered, as far as is known.</summary>
    /// <param name="jitter">From 0 to 1: accounts that failed together do not come back together.</param>
    public MeterEvent Fail(CollectorAnswer answer, DateTimeOffset now, double jitter)
    {
        if (answer.Outcome == CollectorOutcome.Refused) return this with { Problem = answer.Reason, NextAt = now + QuarantinedFor };
        var backoff = TimeSpan.FromMinutes(Math.Min(Math.Pow(2, Math.Min(Attempts, 10)), BackoffMax.TotalMinutes)) * ((1 + jitter) / 2);
        return this with { Problem = "", NextAt = now + (answer.RetryAfter > backoff ? answer.RetryAfter.Value : backoff) };
    }

    /// <summary>The collector has told what it counts for the hour, and it is not this.</summary>
    public MeterEvent Compare(Money total, DateTimeOffset now)
    {
        if (total != Money.Zero) return this with { Problem = $"the collector counts ${total}, and ${Value} was reported", NextAt = now + QuarantinedFor };
        return this with { Sequence = Sequence + 1, Attempts = 0, FirstTriedAt = null, TriedAt = null, NextAt = null, Problem = "" };
    }

    public UsageRecord ToRecord(string account)
    {
        var identifier = string.Create(CultureInfo.InvariantCulture, $"{account}:{Hour}:{(IsInvoiceItem ? "invoice" : Sequence)}");
        return new UsageRecord(account, Hour, Value, identifier, string.Create(CultureInfo.InvariantCulture, $"{identifier}:{Attempts}"));
    }

    public Columns ToColumns() => new()
    {
        { nameof(Value), Value.Micros },
        { nameof(Sequence), Sequence },
        { nameof(Attempts), Attempts },
        { nameof(FirstTriedAt), Milliseconds(FirstTriedAt) },
        { nameof(TriedAt), Milliseconds(TriedAt) },
        { nameof(NextAt), Milliseconds(NextAt) },
        { nameof(IsInvoiceItem), IsInvoiceItem ? 1 : 0 },
        { nameof(Problem), Problem },
    };

    /// <summary>The row that remains, when it is there.</summary>
    public Columns ToDelivered(string account, DateTimeOffset now) => new()
    {
        { nameof(Value), Value.Micros },
        { nameof(UsageRecord.Identifier), ToRecord(account).Identifier },
        { "DeliveredAt", now.ToUnixTimeMilliseconds() },
    };

    public static MeterEvent From(Row row) => new(LedgerRows.HourOf(row.Key), new(row.Columns.Integer(nameof(Value))))
    {
        Sequence = checked((int)row.Columns.Integer(nameof(Sequence))),
        Attempts = checked((int)row.Columns.Integer(nameof(Attempts))),
        FirstTriedAt = Time(row.Columns.Integer(nameof(FirstTriedAt))),
        TriedAt = Time(row.Columns.Integer(nameof(TriedAt))),
        NextAt = Time(row.Columns.Integer(nameof(NextAt))),
        IsInvoiceItem = row.Columns.Integer(nameof(IsInvoiceItem)) != 0,
        Problem = row.Columns.Text(nameof(Problem)),
    };

    private static long Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? 0;

    private static DateTimeOffset? Time(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

public enum MeterEventStep
{
    /// <summary>Another instance may be at it, or the collector is to be left alone: so is the account.</summary>
    Wait,

    /// <summary>It may be there or not, and what the collector counts is not settled yet. Other hours go on.</summary>
    WaitForTotals,

    Send,

    /// <summary>Find out whether it is there.</summary>
    Ask,

    /// <summary>It is too old to be reported.</summary>
    Invoice,
}
