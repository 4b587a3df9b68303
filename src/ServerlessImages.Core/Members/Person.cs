using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Members;

/// <summary>Somebody who signs in, as the identity provider names them.</summary>
/// <param name="Id"><c>person_…</c>, from the provider's issuer and its subject: neither can be changed by its owner, as an e-mail address can.</param>
/// <param name="Email">For people to read, "" if the provider tells none. Nothing is ever decided by it.</param>
/// <param name="Name">For people to read, or "".</param>
public sealed record Person(string Id, string Email, string Name)
{
    private const string Prefix = "person_";

    /// <summary>How the person is called in lists.</summary>
    public string Shown => Name.Length > 0 ? Name : Email.Length > 0 ? Email : Id;

    public static string IdOf(string issuer, string subject) => Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{subject}")))[..32];

    /// <summary>Whether a text from outside can be a person's id: no other is ever a key of the store.</summary>
    public static bool IsId(string text) => text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length == Prefix.Length + 32 && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Hex) < 0;

    private static readonly System.Buffers.SearchValues<char> Hex = System.Buffers.SearchValues.Create("0123456789abcdef");
}

/// <summary>A person who has been here.</summary>
/// <param name="TermsVersion">Which terms were accepted last; "" for none.</param>
/// <param name="FirstAccount">The account that was made for the person, or is being made; "" for none.</param>
public sealed record KnownPerson(Person Person, string TermsVersion, DateTimeOffset? TermsAcceptedAt, string FirstAccount);

/// <summary>A person in an account.</summary>
public sealed record Member(Person Person, MemberRole Role, DateTimeOffset Since);

/// <summary>An account as one of its members sees it.</summary>
public sealed record Membership(Accounts.Account Account, MemberRole Role);
