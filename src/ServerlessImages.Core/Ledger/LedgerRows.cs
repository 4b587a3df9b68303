using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Ledger;

/// <summary>
/// The rows of the table <c>ledger</c>. PartitionKey is the <see cref="LedgerPartition"/>; RowKey is one of
/// <list type="bullet">
/// <item><c>B</c>: the balance. Every transaction replaces it under its ETag, as its first operation.</item>
/// <item><c>H|{request}</c>: a hold, only while it is open. Closing deletes it.</item>
/// <item><c>J|{request}</c>: a job that has not ended (<see cref="Jobs.Job"/>). Inserted and deleted with its hold.</item>
/// <item><c>O|{order}</c>: an order in blobs that no job has (<see cref="Jobs.StoredOrder"/>): not yet, or not any more. The hold of its job deletes it, the end of the job inserts it again.</item>
/// <item><c>W|{request, each digit the other way round}</c>: a job's place among all that ever were, newest first. Inserted with its hold, insert only.</item>
/// <item><c>I|{SHA-256 of the Idempotency-Key}</c>: which request answers this key, for 72 hours. Inserted with its hold; a void deletes it.</item>
/// <item><c>Q|{SHA-256 of the Idempotency-Key}</c>: a quote that was given under this key. Not money, so it is written without <c>B</c>.</item>
/// <item><c>A|{key id}|{fingerprint}</c>: a request whose caller hung up before it was answered; an equal one without a key adopts it.</item>
/// <item><c>K|{key id}</c>, <c>N|{SHA-256 of the end user}</c>: a key's or an end user's <see cref="Budget"/>. There once it was set; <c>B</c> counts them.</item>
/// <item><c>L|{request}</c>: the entry that closed a hold. Insert only, so a hold closes once.</item>
/// <item><c>L|{request}~late</c>: the charge of a hold that had expired when its images came.</item>
/// <item><c>V|{number:D12}</c>: a request with calls that the content filter refused (<see cref="Abuse.StrikeRow"/>). Insert only, with the entry of its request; <c>B</c> has the last number, and what follows from them.</item>
/// <item><c>E|{number:D12}</c>: what is to be told of a transaction (<see cref="Events.EventRow"/>). Insert only; <c>B</c> has the last number.</item>
/// <item><c>U|{hour}</c>: what was charged in an hour that is over (<see cref="UsageHour"/>). The hour that lasts is in <c>B</c>.</item>
/// <item><c>F|{hour}</c>: what an hour that is over takes of the postpaid pot, until the collector has it (<see cref="Billing.MeterEvent"/>). Comes with <c>U|{hour}</c>.</item>
/// <item><c>M|{hour}</c>: the collector has it. Insert only, in place of <c>F|{hour}</c>.</item>
/// <item><c>D|{request}</c>: its images were deleted, and when.</item>
/// <item><c>G|{grant}</c>: a grant's entry. Insert only, so a payment counts once.</item>
/// <item><c>R|{refund}</c>: the entry of a refund or a dispute. Insert only.</item>
/// <item><c>R|{refund}~back</c>: the entry that gives it back.</item>
/// <item><c>P|{invoice}</c>: the entry of an invoice that was paid. Insert only.</item>
/// <item><c>X|{grant}</c>: the entry of what was left of a grant when its time was over. Insert only, so it expires once.</item>
/// <item><c>S|{sequence:D12}</c>: the order of the entries; its column <c>Entry</c> is the entry's RowKey.</item>
/// </list>
/// </summary>
public static class LedgerRows
{
    public const string Balance = "B";

    /// <summary>Who wrote the row, so that a writer whose answer was lost knows its own write again.</summary>
    public const string TokenColumn = "Token";

    /// <summary>On entries: the head of the chain before them.</summary>
    public const string PreviousColumn = "Previous";

    public const string EntryColumn = "Entry";

    /// <summary>The first key after every hold; <c>H|</c> is the first.</summary>
    public const string HoldsEnd = "H}";

    public const string HoldsStart = "H|";

    public const string JobsStart = "J|";

    /// <summary>The first key after every job that has not ended.</summary>
    public const string JobsEnd = "J}";

    public const string OrdersStart = "O|";

    /// <summary>The first key after every order that no job has.</summary>
    public const string OrdersEnd = "O}";

    public const string JobPlacesStart = "W|";

    /// <summary>The first key after every job's place.</summary>
    public const string JobPlacesEnd = "W}";

    private const string KeyBudgetStart = "K|";
    private const string LateMark = "~late";
    private const string BackMark = "~back";
    private const string EntryStart = "L|";

    public static string Hold(string id) => HoldsStart + id;

    public static string Job(string id) => JobsStart + id;

    public static string StoredOrder(string id) => OrdersStart + id;

    public static string JobPlace(string id) => JobPlacesStart + Reversed(id);

    /// <summary>Whose place it is.</summary>
    public static string JobAt(string place) => Reversed(IdOf(place));

    public static string Idempotency(string keyHash) => "I|" + keyHash;

    public static string Quote(string keyHash) => "Q|" + keyHash;

    public static string Abandoned(string keyId, string fingerprint) => $"A|{keyId}|{fingerprint}";

    public static string Entry(string id) => EntryStart + id;

    /// <summary>Whether an entry closed a request's hold.</summary>
    public static bool IsOfRequest(string entryKey) => entryKey.StartsWith(EntryStart, StringComparison.Ordinal);

    public static string LateEntry(string id) => Entry(id) + LateMark;

    public static string KeyBudget(string keyId) => KeyBudgetStart + keyId;

    /// <summary>End users have names of any form.</summary>
    public static string EndUserBudget(string endUser) => "N|" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(endUser)));

    public static BudgetOwner OwnerOf(string budgetKey) => budgetKey.StartsWith(KeyBudgetStart, StringComparison.Ordinal) ? BudgetOwner.Key : BudgetOwner.EndUser;

    public static string Event(long number) => string.Create(CultureInfo.InvariantCulture, $"E|{number:D12}");

    public static string Strike(long number) => string.Create(CultureInfo.InvariantCulture, $"V|{number:D12}");

    public static string Usage(LedgerHour hour) => "U|" + hour;

    public const string OutboxStart = "F|";

    /// <summary>The first key after every hour that waits for the collector.</summary>
    public const string OutboxEnd = "F}";

    public static string Outbox(LedgerHour hour) => OutboxStart + hour;

    public static string Delivered(LedgerHour hour) => "M|" + hour;

    public static LedgerHour HourOf(string key) => LedgerHour.Of(DateTimeOffset.ParseExact(IdOf(key), "yyyyMMddHH", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    public static string Deletion(string id) => "D|" + id;

    public static string Grant(string id) => "G|" + id;

    public static string Refund(string id) => "R|" + id;

    public static string Payment(string invoiceId) => "P|" + invoiceId;

    /// <summary>The entry of money that comes in or goes back.</summary>
    public static string Posting(EntryType type, string id) => type switch
    {
        EntryType.Grant => Grant(id),
        EntryType.Refund or EntryType.Dispute => Refund(id),
        EntryType.Reversal => Refund(id) + BackMark,
        EntryType.Payment => Payment(id),
        EntryType.ExpireGrant => "X|" + id,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "It closes a request's hold."),
    };

    /// <summary>The first key after every place in the order.</summary>
    public const string OrderEnd = "S}";

    public static long SequenceOf(string orderKey) => NumberOf(orderKey);

    /// <summary>Of a row whose key is a number.</summary>
    public static long NumberOf(string key) => long.Parse(IdOf(key), NumberStyles.None, CultureInfo.InvariantCulture);

    public static string Order(long sequence) => string.Create(CultureInfo.InvariantCulture, $"S|{sequence:D12}");

    /// <summary>An id with each hexadecimal digit the other way round, so that what was later comes first. Done twice, it is the id.</summary>
    private static string Reversed(string id) => string.Create(id.Length, id, static (digits, text) =>
    {
        text.CopyTo(digits);
        for (var index = text.IndexOf('_', StringComparison.Ordinal) + 1; index < text.Length; index++) digits[index] = "fedcba9876543210"[Convert.ToInt32(text[index].ToString(), fromBase: 16)];
    });

    /// <summary>What stands behind the bar of a key.</summary>
    public static string IdOf(string key)
    {
        var id = key[(key.IndexOf('|', StringComparison.Ordinal) + 1)..];
        return id.EndsWith(LateMark, StringComparison.Ordinal) || id.EndsWith(BackMark, StringComparison.Ordinal) ? id[..id.LastIndexOf('~')] : id;
    }
}
