using System.Globalization;

namespace ServerlessImages.Notices;

/// <summary>What was mailed of one kind of notice.</summary>
/// <param name="Since">When it was noted as new: it is not new again for a day.</param>
/// <param name="TriedAt">When the last try was noted, before it was made.</param>
/// <param name="Waiting">The owners, by person, whom it has still to reach. They are tried again until there are none, or until there were <see cref="TriesMax"/> tries.</param>
/// <param name="IsGone">The notice went away since.</param>
internal sealed record MailedNotice(DateTimeOffset Since, DateTimeOffset TriedAt, int Tries, string Waiting, bool IsGone)
{
    /// <summary>With doubled waits between them, and a sweep each ten minutes: a mail server may be away for four hours.</summary>
    public const int TriesMax = 6;

    private const char Separator = ',';

    /// <summary>How soon a kind that went away may be mailed again.</summary>
    private static readonly TimeSpan OnceIn = TimeSpan.FromDays(1);

    /// <summary>Longer than a sweep lasts (<see cref="MailNotices.TimeMax"/>) and clocks differ (5 min): the try before has ended, whoever made it. Shorter than the time between sweeps.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(8);

    public static MailedNotice New(DateTimeOffset now, IEnumerable<string> owners) => new(now, now, 1, string.Join(Separator, owners), IsGone: false);

    public IReadOnlyList<string> WaitingOwners => Waiting.Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    public bool IsToRetry(DateTimeOffset now) => !IsGone && Waiting.Length > 0 && Tries < TriesMax && now >= TriedAt + (FirstWait * (1 << (Tries - 1)));

    public bool MayBeNewAgain(DateTimeOffset now) => IsGone && now >= Since + OnceIn;

    /// <summary>Null when nothing of it has to be known any more.</summary>
    public MailedNotice? WithoutNotice(DateTimeOffset now) => now >= Since + OnceIn ? null : this with { Waiting = "", IsGone = true };

    /// <param name="owners">Those there are: who is none any more is not waited for.</param>
    public MailedNotice Again(DateTimeOffset now, IReadOnlyCollection<string> owners) => WithWaiting(WaitingOwners.Where(owners.Contains)) with { TriedAt = now, Tries = Tries + 1 };

    public MailedNotice Reached(IReadOnlyCollection<string> owners) => WithWaiting(WaitingOwners.Except(owners));

    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Since.ToUnixTimeMilliseconds()} {TriedAt.ToUnixTimeMilliseconds()} {Tries} {(IsGone ? 1 : 0)} {Waiting}");

    public static MailedNotice Parse(string text)
    {
        var parts = text.Split(' ');
        return new(At(parts[0]), At(parts[1]), int.Parse(parts[2], CultureInfo.InvariantCulture), parts[4], parts[3] == "1");

        static DateTimeOffset At(string milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));
    }

    private MailedNotice WithWaiting(IEnumerable<string> owners) => this with { Waiting = string.Join(Separator, owners) };
}
