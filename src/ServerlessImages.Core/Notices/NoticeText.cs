using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServerlessImages.Accounts;
using ServerlessImages.Members;

namespace ServerlessImages.Notices;

/// <summary>What a notice says: the same words on a page and in a mail.</summary>
public static class NoticeText
{
    private const int NameCharactersMax = 60;

    public static string Title(NoticeKind kind) => kind switch
    {
        NoticeKind.Frozen => "This account is stopped.",
        NoticeKind.ContentReview => "This account is under review.",
        NoticeKind.PaymentDisputed => "A payment is disputed.",
        NoticeKind.InvoiceUnpaid => "An invoice is not paid.",
        NoticeKind.InDebt => "This account is in debt.",
        NoticeKind.TopUpDeclined => "The card was declined.",
        NoticeKind.BalanceLow => "The balance is low.",
        _ => "A webhook endpoint is disabled.",
    };

    public static string Explain(AccountNotice notice) => notice.Kind switch
    {
        NoticeKind.Frozen => "The operator has stopped it: no request is drawn until they let it go on. Ask them why.",
        NoticeKind.ContentReview => "Its requests were refused by the content filter too often. Somebody has to look at it first: ask the operator.",
        NoticeKind.PaymentDisputed => "A bank was asked to take a payment back. No request is drawn until that is decided.",
        NoticeKind.InvoiceUnpaid => "The payment of an invoice failed. While it is due, requests may be refused.",
        NoticeKind.InDebt => $"${notice.Amount} that went back was spent already. No request is drawn until it is paid.",
        NoticeKind.TopUpDeclined => "Nothing is bought automatically until you pay by hand, or save the settings with another card.",
        NoticeKind.BalanceLow => $"${notice.Amount} is left. A request that can cost more is refused.",
        _ => string.Create(CultureInfo.InvariantCulture, $"{(notice.Count == 1 ? "An endpoint gets" : $"{notice.Count} endpoints get")} nothing more, because deliveries failed or it said that it is gone."),
    };

    /// <param name="since">When the notice was new: with the account, the kind and the owner it makes the mail's id.</param>
    /// <param name="portal">Where it is looked at and mended.</param>
    internal static NoticeMail Mail(AccountNotice notice, DateTimeOffset since, Account account, Person owner, Uri portal)
    {
        var name = OneLine(account.Name);
        var text = $"""
            {Title(notice.Kind)} {Explain(notice)}

            Account: {name} ({account.Id})
            Portal: {portal.AbsoluteUri}

            You get this because you are an owner of this account. It is sent once, and not more than once a day.

            """.ReplaceLineEndings("\n");
        return new NoticeMail(IdOf(notice.Kind, since, account.Id, owner.Id), owner.Email, $"{Title(notice.Kind).TrimEnd('.')}: {name}", text);
    }

    /// <summary>People name accounts: what would begin a line, turn the writing around or fill the page is not for a mail.</summary>
    internal static string OneLine(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes()) plain.Append(IsPlain(rune) ? rune.ToString() : " ");
        var words = string.Join(' ', plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var letters = StringInfo.ParseCombiningCharacters(words);
        return letters.Length <= NameCharactersMax ? words : words[..letters[NameCharactersMax]] + "…";
    }

    private static bool IsPlain(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static string IdOf(NoticeKind kind, DateTimeOffset since, string accountId, string personId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{accountId}\n{kind}\n{since.ToUnixTimeMilliseconds()}\n{personId}"))))[..32];
}
