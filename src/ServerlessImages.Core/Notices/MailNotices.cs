using ServerlessImages.Accounts;
using ServerlessImages.Ledger;
using ServerlessImages.Members;
using ServerlessImages.Storage;

namespace ServerlessImages.Notices;

/// <summary>
/// Mails the owners of accounts what they have to know: each kind of notice when it is new, to each owner with an e-mail address; again only when it went away and came back, and at most once a day.
/// What was mailed is in <see cref="MailedNotices"/>.
/// </summary>
/// <remarks>
/// It compares state, so nothing is lost with an instance. A try is noted first, under the row's ETag, which lets one of several instances make it; then it is made; then those whom it reached are
/// noted. An instance that ends in between leaves owners who are still waited for, and they are tried again: they may get a mail twice, under the same id, and never none. It reads the ledger, and
/// never writes to it.
/// </remarks>
/// <param name="portal">The address that a mail leads to.</param>
public sealed class MailNotices(OpenPartitions open, ReadNotices read, AccountDirectory accounts, MemberDirectory members, ITableStore store, INoticeMailer mailer, Uri portal, TimeProvider clock)
{
    /// <summary>How long a sweep lasts at most, however long the mail server takes; what is left then is for the next one.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(2);

    private const int SecondsBetweenRuns = 600;

    /// <summary>Writes in a row that others came before.</summary>
    private const int WritesMax = 5;

    /// <param name="undelivered">Told of a notice that does not reach an owner, and is not tried again.</param>
    /// <param name="failed">Told of an account whose notices could not be read or noted; the others were.</param>
    /// <exception cref="StoreUnavailableException">The list of accounts could not be read to its end; the next run goes on.</exception>
    public async Task RunAsync(Action<string, NoticeKind> undelivered, Action<string, Exception> failed, CancellationToken cancel)
    {
        using var tooLate = new CancellationTokenSource(TimeMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, tooLate.Token);
        var sweep = new Sweep(undelivered, failed, either.Token, cancel);

        // Each run begins elsewhere, so that those at the end of the list do not always wait.
        var first = (int)(clock.GetUtcNow().ToUnixTimeSeconds() / SecondsBetweenRuns % OpenPartitions.AllShards.Count);
        foreach (var shard in OpenPartitions.AllShards.Skip(first).Concat(OpenPartitions.AllShards.Take(first)))
        {
            await foreach (var row in open.AllAsync(shard, cancel))
            {
                var partition = LedgerPartition.Parse(row.Key);
                if (!partition.Livemode) continue;
                if (tooLate.IsCancellationRequested || !await TryMailAsync(partition.Account, sweep)) return;
            }
        }
    }

    /// <returns>Whether the next account is worth a try: the mail server takes mails.</returns>
    private async Task<bool> TryMailAsync(string accountId, Sweep sweep)
    {
        try
        {
            return await MailAsync(accountId, sweep);
        }
        catch (Exception cause) when (cause is StoreUnavailableException or WriteFateUnknownException or InvalidDataException)
        {
            sweep.Failed(accountId, cause);
            return true;
        }
    }

    private async Task<bool> MailAsync(string accountId, Sweep sweep)
    {
        var mailed = await MailedNotices.ReadAsync(store, accountId, sweep.Cancel);
        var notices = await read.RunAsync(accountId, sweep.Cancel);
        var now = clock.GetUtcNow();
        var due = mailed.Due(notices, now);
        var account = due.Count == 0 ? null : await accounts.FindAsync(accountId, sweep.Cancel);
        var owners = account is { ClosedAt: null } ? await OwnersAsync(accountId, sweep.Cancel) : [];

        var after = mailed.After(notices, due, owners.Keys, now);
        if (after.HasSameKindsAs(mailed) || !await after.TryWriteAsync(store, accountId, sweep.Cancel)) return true;

        var isUp = true;
        foreach (var notice in due)
        {
            if (!after.Kinds.TryGetValue(notice.Kind, out var attempt)) continue;

            // Where nothing can be mailed, the others' tries were noted all the same: they are over too.
            var tried = isUp ? await TryAsync(attempt.WaitingOwners, owner => NoticeText.Mail(notice, attempt.Since, account!, owners[owner], portal), sweep) : new Tried([], 0, IsUp: false);
            isUp = tried.IsUp;
            if (tried.Done.Count > 0) await NoteReachedAsync(accountId, notice.Kind, attempt.Since, tried.Done, sweep.Cancel);
            var isGivenUp = attempt.Tries == MailedNotice.TriesMax && tried.Done.Count < attempt.WaitingOwners.Count;
            if (isGivenUp || tried.Refused > 0) sweep.Undelivered(accountId, notice.Kind);
        }

        return isUp;
    }

    private async Task<Tried> TryAsync(IReadOnlyList<string> owners, Func<string, NoticeMail> mail, Sweep sweep)
    {
        List<string> done = [];
        var refused = 0;
        foreach (var owner in owners)
        {
            var outcome = await SendAsync(mail(owner), sweep);
            if (outcome == MailOutcome.Unavailable) return new Tried(done, refused, IsUp: false);
            if (outcome == MailOutcome.Refused) refused++;
            if (outcome != MailOutcome.Delayed) done.Add(owner);
        }

        return new Tried(done, refused, IsUp: true);
    }

    private async Task<MailOutcome> SendAsync(NoticeMail mail, Sweep sweep)
    {
        try
        {
            return await mailer.SendAsync(mail, sweep.InTime);
        }
        catch (OperationCanceledException) when (!sweep.Cancel.IsCancellationRequested)
        {
            return MailOutcome.Unavailable;
        }
    }

    private async Task NoteReachedAsync(string accountId, NoticeKind kind, DateTimeOffset since, IReadOnlyCollection<string> reached, CancellationToken cancel)
    {
        for (var each = 0; each < WritesMax; each++)
        {
            var mailed = await MailedNotices.ReadAsync(store, accountId, cancel);
            var after = mailed.Reached(kind, since, reached);
            if (after.HasSameKindsAs(mailed) || await after.TryWriteAsync(store, accountId, cancel)) return;
        }

        throw new StoreUnavailableException($"It could not be noted whom a notice of {accountId} has reached.");
    }

    private async Task<Dictionary<string, Person>> OwnersAsync(string accountId, CancellationToken cancel) =>
        (await members.MembersAsync(accountId, cancel)).Where(member => member is { Role: MemberRole.Owner, Person.Email.Length: > 0 }).ToDictionary(member => member.Person.Id, member => member.Person);

    /// <param name="InTime">Ends with the time of the sweep too.</param>
    private sealed record Sweep(Action<string, NoticeKind> Undelivered, Action<string, Exception> Failed, CancellationToken InTime, CancellationToken Cancel);

    /// <param name="Done">The owners who have the mail or can never get it.</param>
    private sealed record Tried(IReadOnlyList<string> Done, int Refused, bool IsUp);
}
