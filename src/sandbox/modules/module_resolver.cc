#include "sandbox/modules/module_resolver.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"
#include "sandbox/failure.h"
#include "sandbox/modules/module_path.h"
#include "sandbox/modules/package_json.h"

namespace curfew::sandbox {

namespace {

using Kind = FileSystem::Kind;
using Entry = FileSystem::Entry;

constexpr std::string_view kModulesFolder = "node_modules";

bool is_url(std::string_view specifier) {
    const std::size_t colon = specifier.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    return std::ranges::all_of(specifier.substr(0, colon), [](char c) {
        const char lower = static_cast<char>(c | 0x20);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
}

// One import's search. The first problem ends it: from then on nothing is found any more.
class Search {
  public:
    Search(const FileSystem& files, const Importer& importer, std::string_view specifier, ImportRules rules,
           const CallContext* call)
        : files_(files), importer_(importer), specifier_(specifier), rules_(rules), call_(call) {}

    Result<ResolvedModule> run() {
        std::optional<std::string> path;
        if (usable()) path = look();
        if (path && !problem_) {
            if (const auto why = why_no_module(*path))
                refuse("that is " + base::shown(*path) + ", which " + std::string(*why));
        }
        if (path && !problem_) return ResolvedModule{module_kind(*path), std::move(*path)};
        return fail(ErrorCode::invalid_argument, base::shown(importer_.name) + " imports " +
                                                     base::in_quotes(specifier_) + ", but " +
                                                     problem_.value_or("there is no such module" + tried()));
    }

  private:
    struct PackageName {
        std::string_view name;
        std::string subpath;  // "." or "./..."
    };

    std::nullopt_t refuse(std::string problem) {
        if (!problem_) problem_ = std::move(problem);
        return std::nullopt;
    }

    // --- What the guest sent ---

    bool usable() {
        if (specifier_.size() > ModuleResolver::kLongestSpecifier) {
            refuse("that is longer than " + std::to_string(ModuleResolver::kLongestSpecifier) + " bytes");
        } else if (importer_.name.size() > FileSystem::kLongestPath) {
            refuse("the importer's name is too long");
        } else if (specifier_.empty()) {
            refuse("that names nothing");
        } else if (!base::is_utf8(specifier_)) {
            refuse("that is not UTF-8");
        } else if (specifier_.contains('\0')) {
            refuse("that has a NUL in it");
        } else if (specifier_.contains('\\')) {
            refuse("that has a backslash in it; folders are separated by /");
        } else if (specifier_.starts_with("node:")) {
            refuse(rules_ == ImportRules::es_modules || rules_ == ImportRules::require
                       ? "there is no Node.js here, and of its modules only those that docs/javascript.md lists"
                       : "Node.js has no such module, or it has no place in a sandbox");
        } else if (specifier_.starts_with("file:")) {
            refuse("files are imported by their path, not by a URL");
        } else if (is_url(specifier_)) {
            refuse("nothing is loaded by URL; give the sandbox the file, and import it by its path");
        }
        return !problem_;
    }

    // The folder that relative and bare specifiers start from.
    std::optional<std::string> importers_folder() {
        if (importer_.script_folder && is_normal_path(*importer_.script_folder))
            return std::string(*importer_.script_folder);
        if (is_normal_path(importer_.name)) return std::string(folder_of(importer_.name));
        return refuse(
            "that script has no folder to start from: load it with Script::from_file(), or give it one with "
            "with_virtual_base(\"/some/folder\")");
    }

    std::optional<std::string> look() {
        if (specifier_.starts_with('/')) return relative_to("/");
        const auto folder = importers_folder();
        if (!folder) return std::nullopt;
        const std::string_view first = specifier_.substr(0, specifier_.find('/'));
        if (first == "." || first == "..") return relative_to(*folder);
        if (specifier_.starts_with('#')) return internal(*folder);
        const auto package = package_name(specifier_);
        if (!package) return std::nullopt;
        return installed(*folder, *package);
    }

    // --- The file system ---

    bool may_look() {
        if (call_ != nullptr && call_->cancelled()) {
            refuse("the invocation has been ended");
        } else if (!problem_ && ++lookups_ > ModuleResolver::kMostLookups) {
            refuse("it takes more than " + std::to_string(ModuleResolver::kMostLookups) + " look-ups to find it");
        }
        return !problem_;
    }

    // Counts what it is asked for before it looks at it: a search is bounded also where there is nothing to find.
    std::optional<Entry> find(const std::string& path) {
        if (!may_look() || !is_normal_path(path)) return std::nullopt;
        auto found = files_.find(path);
        if (!found) return refuse(std::move(found.error().message));
        if (!*found) return std::nullopt;
        if (!is_normal_path((*found)->path)) {
            return refuse("the file system has a wrong path for " + base::in_quotes(path) + ": " +
                          base::in_quotes((*found)->path));
        }
        return std::move(*found);
    }

    std::optional<std::string> file(const std::string& path) {
        tried_.push_back(path);
        auto entry = find(path);
        if (!entry || entry->kind != Kind::file) return std::nullopt;
        return std::move(entry->path);
    }

    // A folder's package.json, if it has one.
    std::optional<PackageJson> package_json(const std::string& folder) {
        if (!may_look() || !is_normal_path(folder)) return std::nullopt;
        const auto path = join(folder, "package.json");
        if (!path) return std::nullopt;
        const auto text = files_.read(*path);
        if (!text) return refuse(text.error().message);
        if (!*text) return std::nullopt;
        package_bytes_ += (*text)->size();
        if (package_bytes_ > ModuleResolver::kMostPackageBytes) {
            return refuse("the package.json files that are read to find it have more than " +
                          std::to_string(ModuleResolver::kMostPackageBytes >> 20) + " MiB");
        }
        auto package = PackageJson::parse(**text);
        if (!package) return refuse(base::shown(*path) + " " + package.error().message);
        return std::move(*package);
    }

    std::string tried() const {
        constexpr std::size_t kMost = 6;
        std::string text;
        for (std::size_t i = 0; i < std::min(tried_.size(), kMost); ++i) {
            text += (i == 0 ? " (looked for " : ", ") + base::shown(tried_[i]);
        }
        if (tried_.size() > kMost) text += " and " + std::to_string(tried_.size() - kMost) + " more";
        return text.empty() ? text : text + ")";
    }

    // --- Files and folders ---

    std::optional<std::string> relative_to(std::string_view folder) {
        const auto path = join(folder, specifier_);
        if (!path) return refuse("that leads out of the files that this sandbox has, or is too long");
        const bool names_folder =
            specifier_.ends_with('/') || specifier_.ends_with("/.") || specifier_.ends_with("..") || specifier_ == ".";
        if (names_folder) return in_folder(*path);
        return file_or_folder(*path);
    }

    std::optional<std::string> file_or_folder(const std::string& path) {
        tried_.push_back(path);
        const auto entry = find(path);
        if (entry && entry->kind == Kind::file) return entry->path;
        for (const std::string_view ending : endings(rules_)) {
            if (auto found = file(path + std::string(ending))) return found;
        }
        if (entry) return in_folder(entry->path);
        return std::nullopt;
    }

    std::optional<std::string> in_folder(const std::string& folder) {
        if (const auto package = package_json(folder)) {
            if (auto found = main_of(folder, *package)) return found;
        }
        return index_of(folder);
    }

    // What `module`, which Node.js does not know, or `main` names. It may leave out the file's ending, or be a folder.
    std::optional<std::string> main_of(const std::string& folder, const PackageJson& package) {
        for (const auto& main : {rules_ == ImportRules::es_modules ? package.module : std::nullopt, package.main}) {
            if (!main || main->empty()) continue;
            const auto path = join(folder, *main);
            if (!path || !is_within(*path, folder)) {
                return refuse(base::shown(folder) + "/package.json names " + base::in_quotes(*main) +
                              " as its main module, which is no path in that folder");
            }
            if (*path == folder) continue;
            tried_.push_back(*path);
            const auto entry = find(*path);
            if (entry && entry->kind == Kind::file) return entry->path;
            for (const std::string_view ending : main_endings(rules_)) {
                if (auto found = file(*path + std::string(ending))) return found;
            }
            if (entry) {
                if (auto found = index_of(entry->path)) return found;
            }
        }
        return std::nullopt;
    }

    std::optional<std::string> index_of(const std::string& folder) {
        for (const std::string_view ending : main_endings(rules_)) {
            const auto path = join(folder, "index" + std::string(ending));
            if (!path) return std::nullopt;
            if (auto found = file(*path)) return found;
        }
        return std::nullopt;
    }

    // --- Packages ---

    // Takes "name/sub" and "@scope/name/sub" apart.
    std::optional<PackageName> package_name(std::string_view specifier) {
        if (specifier.size() > 1 && specifier.ends_with('/')) specifier.remove_suffix(1);  // the folder of a package
        std::size_t end = specifier.find('/');
        if (specifier.starts_with('@') && end != std::string_view::npos) end = specifier.find('/', end + 1);
        const std::string_view name = specifier.substr(0, end);
        const bool lacks_scoped_part =
            name.starts_with('@') && (!name.contains('/') || name.ends_with('/') || name[1] == '/');
        std::string subpath = ".";
        if (end != std::string_view::npos) subpath += specifier.substr(end);
        // What remains may not lead elsewhere.
        const auto joined = join("/", specifier);
        if (name.empty() || name.starts_with('.') || lacks_scoped_part || !joined || joined->substr(1) != specifier) {
            return refuse("that is neither a path, which begins with ./, ../ or /, nor the name of a package");
        }
        return PackageName{name, std::move(subpath)};
    }

    // From node_modules of a folder and all above it.
    std::optional<std::string> installed(const std::string& from, const PackageName& package) {
        for (std::string_view folder = from;; folder = folder_of(folder)) {
            if (name_of(folder) != kModulesFolder) {
                std::string place(folder == "/" ? "" : folder);
                place.append("/").append(kModulesFolder).append("/").append(package.name);
                tried_.push_back(place);
                const auto entry = find(place);
                if (entry && entry->kind == Kind::folder) {
                    if (auto found = in_package(entry->path, package.subpath)) return found;
                }
            }
            if (problem_ || folder == "/") break;
        }
        return itself(from, package);
    }

    std::optional<std::string> in_package(const std::string& folder, const std::string& subpath) {
        const auto package = package_json(folder);
        if (problem_) return std::nullopt;
        if (package && package->exports)
            return chosen(folder, "exports", choose_export(*package->exports, subpath, conditions(rules_)));
        if (subpath == ".") {
            if (package) {
                if (auto found = main_of(folder, *package)) return found;
            }
            return index_of(folder);
        }
        const auto path = join(folder, subpath);
        if (!path) return std::nullopt;
        if (subpath.ends_with('/')) return in_folder(*path);
        return file_or_folder(*path);
    }

    // The nearest folder above that has a package.json: the package that a module belongs to.
    struct Scope {
        std::string folder;
        PackageJson package;
    };
    std::optional<Scope> scope_of(std::string_view folder) {
        for (;; folder = folder_of(folder)) {
            if (name_of(folder) == kModulesFolder) return std::nullopt;
            if (auto package = package_json(std::string(folder)))
                return Scope{std::string(folder), std::move(*package)};
            if (problem_ || folder == "/") return std::nullopt;
        }
    }

    // A package may import itself by its name, through its exports.
    std::optional<std::string> itself(const std::string& from, const PackageName& package) {
        const auto scope = scope_of(from);
        if (!scope || scope->package.name != package.name || !scope->package.exports) return std::nullopt;
        return chosen(scope->folder, "exports",
                      choose_export(*scope->package.exports, package.subpath, conditions(rules_)));
    }

    std::optional<std::string> internal(const std::string& from) {
        const auto scope = scope_of(from);
        if (problem_) return std::nullopt;
        if (!scope || !scope->package.imports) {
            return refuse("the importer is in no package with \"imports\" in its package.json");
        }
        const auto choice = choose_import(*scope->package.imports, specifier_, conditions(rules_));
        if (choice.kind == TargetChoice::Kind::path && !choice.text.starts_with("./")) {
            const auto package = package_name(choice.text);
            if (!package) return std::nullopt;
            return installed(scope->folder, *package);
        }
        return chosen(scope->folder, "imports", choice);
    }

    // The file that a package.json chose, which has to be there as it is named.
    std::optional<std::string> chosen(const std::string& folder, const char* list, const TargetChoice& choice) {
        const std::string file_name = base::shown(folder == "/" ? "" : folder) + "/package.json";
        switch (choice.kind) {
            case TargetChoice::Kind::path: break;
            case TargetChoice::Kind::not_there:
                return refuse("the \"" + std::string(list) + "\" of " + file_name + " do not offer it");
            case TargetChoice::Kind::only_other:
                return refuse("the \"" + std::string(list) + "\" of " + file_name +
                              " offer it under none of the conditions " + shown_conditions(rules_) + ", only under " +
                              choice.text);
            case TargetChoice::Kind::malformed: return refuse(file_name + " " + base::shown(choice.text));
        }
        const auto path = join(folder, choice.text);
        if (!path || !is_within(*path, folder))
            return refuse(file_name + " names a path that leads out of the package");
        if (auto found = file(*path)) return found;
        return refuse("the \"" + std::string(list) + "\" of " + file_name + " name " + base::shown(*path) +
                      " for it, which is not there");
    }

    const FileSystem& files_;
    const Importer& importer_;
    const std::string_view specifier_;
    const ImportRules rules_;
    const CallContext* const call_;
    unsigned lookups_ = 0;
    std::uint64_t package_bytes_ = 0;
    std::vector<std::string> tried_;
    std::optional<std::string> problem_;
};

// Others write file systems, too.
template <typename Work>
auto guarded(std::string_view what, Work work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& error) {
        return fail(ErrorCode::internal,
                    base::in_quotes(what) + " cannot be loaded: the file system failed: " + base::shown(error.what()));
    } catch (...) {
        return fail(ErrorCode::internal, base::in_quotes(what) + " cannot be loaded: the file system failed");
    }
}

}  // namespace

Result<ResolvedModule> ModuleResolver::resolve(const Importer& importer, std::string_view specifier, ImportRules rules,
                                               const CallContext* call) const {
    return guarded(specifier, [&] { return Search(*files_, importer, specifier, rules, call).run(); });
}

Result<ModuleSource> ModuleResolver::read(std::string_view path) const {
    return guarded(path, [&]() -> Result<ModuleSource> {
        const auto refused = [&](const std::string& why) {
            return fail(ErrorCode::invalid_argument,
                        "the module " + base::in_quotes(path) + " cannot be loaded: " + why);
        };
        if (!is_normal_path(path)) return refused("that is not a file's path");
        if (const auto why = why_no_module(path)) return refused("it " + std::string(*why));
        auto text = files_->read(path);
        if (!text) return std::unexpected(std::move(text.error()));
        if (!*text) return refused("there is no such file");
        std::string& content = **text;
        if (const std::size_t valid = base::valid_utf8_prefix(content); valid != content.size()) {
            return refused("it is not UTF-8 (at offset " + std::to_string(valid) + ")");
        }
        constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
        const wire::ModuleKind kind = module_kind(path);
        if (kind == wire::ModuleKind::json && content.starts_with(kByteOrderMark)) {
            content.erase(0, kByteOrderMark.size());
        }
        return ModuleSource{kind, std::move(content)};
    });
}

}  // namespace curfew::sandbox
