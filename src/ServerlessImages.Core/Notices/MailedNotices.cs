using ServerlessImages.Storage;

namespace ServerlessImages.Notices;

/// <summary>
/// What of an account's notices was mailed: the table <c>accounts</c>, in the account's partition. RowKey is <c>N</c>; each <see cref="NoticeKind"/> is a column, which has a
/// <see cref="MailedNotice"/> as text, and is missing where nothing has to be known.
/// </summary>
/// <param name="ETag">Of the row; null if there is none.</param>
internal sealed record MailedNotices(IReadOnlyDictionary<NoticeKind, MailedNotice> Kinds, string? ETag)
{
    private const string RowKey = "N";

    public static async Task<MailedNotices> ReadAsync(ITableStore store, string accountId, CancellationToken cancel) =>
        await store.FindAsync(TableNames.Accounts, accountId, RowKey, cancel) is { } row ? new(From(row.Columns), row.ETag) : new(new Dictionary<NoticeKind, MailedNotice>(), null);

    /// <returns>Whether nobody came in between.</returns>
    /// <exception cref="WriteFateUnknownException">It may or may not be written.</exception>
    public async Task<bool> TryWriteAsync(ITableStore store, string accountId, CancellationToken cancel)
    {
        Columns columns = [];
        foreach (var (kind, mailed) in Kinds) columns.Add(kind.ToString(), mailed.ToText());
        var write = ETag is null ? RowWrite.Insert(RowKey, columns) : RowWrite.Replace(RowKey, columns, ETag);
        return (await store.CommitAsync(TableNames.Accounts, accountId, [write], cancel)).Applied;
    }

    /// <summary>The notices that are to be mailed now: new ones, and those that have not reached everybody.</summary>
    public IReadOnlyList<AccountNotice> Due(IReadOnlyList<AccountNotice> notices, DateTimeOffset now) =>
        [.. notices.Where(notice => !Kinds.TryGetValue(notice.Kind, out var mailed) || mailed.IsToRetry(now) || mailed.MayBeNewAgain(now))];

    /// <summary>With what is about to be tried, and without what went away.</summary>
    /// <param name="owners">Whom to mail, by person. Without anybody, nothing was mailed: what is new stays so until there is somebody.</param>
    public MailedNotices After(IReadOnlyList<AccountNotice> notices, IReadOnlyList<AccountNotice> due, IReadOnlyCollection<string> owners, DateTimeOffset now)
    {
        var (there, after) = (notices.Select(notice => notice.Kind).ToHashSet(), new Dictionary<NoticeKind, MailedNotice>());
        foreach (var (kind, mailed) in Kinds)
        {
            if ((there.Contains(kind) ? mailed : mailed.WithoutNotice(now)) is { } kept) after[kind] = kept;
        }

        foreach (var kind in due.Select(notice => notice.Kind))
        {
            if (after.TryGetValue(kind, out var before) && !before.IsGone) after[kind] = before.Again(now, owners);
            else if (owners.Count > 0) after[kind] = MailedNotice.New(now, owners);
        }

        return this with { Kinds = after };
    }

    /// <summary>With the owners that a try has reached, or never will; the same if the kind has another story by now.</summary>
    public MailedNotices Reached(NoticeKind kind, DateTimeOffset since, IReadOnlyCollection<string> owners) =>
        Kinds.TryGetValue(kind, out var mailed) && mailed.Since == since ? this with { Kinds = new Dictionary<NoticeKind, MailedNotice>(Kinds) { [kind] = mailed.Reached(owners) } } : this;

    public bool HasSameKindsAs(MailedNotices other) => Kinds.Count == other.Kinds.Count && Kinds.All(each => other.Kinds.TryGetValue(each.Key, out var mailed) && mailed == each.Value);

    /// <summary>A kind that a later version wrote and this one does not know is left out.</summary>
    private static Dictionary<NoticeKind, MailedNotice> From(Columns columns) =>
        columns.Where(each => Enum.IsDefined(typeof(NoticeKind), each.Key)).ToDictionary(each => Enum.Parse<NoticeKind>(each.Key), each => MailedNotice.Parse((string)each.Value));
}
