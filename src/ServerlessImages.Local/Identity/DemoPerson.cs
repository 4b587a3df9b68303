using System.Security.Cryptography;
using System.Text;

namespace ServerlessImages.Local.Identity;

/// <summary>Somebody to sign in as.</summary>
internal sealed record DemoPerson(string Subject, string Email, string Name, IReadOnlyList<string> Roles)
{
    /// <summary>The owner of the demo account.</summary>
    public static DemoPerson Customer { get; } = new("customer", "fox@example.com", "Renard Fox", []);

    public static DemoPerson Operator { get; } = new("operator", "ada@example.com", "Ada Operator", ["Operator.Read", "Operator.Write"]);

    /// <summary>An operator who may look and not act.</summary>
    public static DemoPerson Reader { get; } = new("reader", "lin@example.com", "Lin Reader", ["Operator.Read"]);

    public static IReadOnlyList<DemoPerson> All { get; } = [Customer, Operator, Reader];

    /// <returns>One of those, or whoever has the address; null for neither.</returns>
    public static DemoPerson? Find(string subject, string address)
    {
        if (All.FirstOrDefault(each => each.Subject == subject) is { } known) return known;
        return address.Contains('@', StringComparison.Ordinal) ? new("mail-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)))[..16], address, address.Split('@')[0], []) : null;
    }
}
